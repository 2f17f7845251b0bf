import assert from "node:assert/strict";
import { test } from "node:test";
import { Timeline } from "../../chat/static/chat/js/timeline.js";

const message = (seq, rev = seq) => ({ seq, rev });
const run = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
const page = (options = {}) => new Timeline({ head: 60, epoch: "e", messages: run(11, 60), earlier: true, ...options });

test("a new message is inserted and moves the cursor", () => {
  const timeline = page();
  assert.equal(timeline.apply(message(61)), "insert");
  assert.equal(timeline.cursor, 61);
  assert.equal(timeline.last, 61);
  assert.equal(timeline.after(61), null);
});

test("the same message again changes nothing", () => {
  const timeline = page();
  timeline.apply(message(61));
  assert.equal(timeline.apply(message(61)), null);
  assert.equal(timeline.apply(message(60)), null);
  assert.equal(timeline.seqs.length, 51);
});

test("a change is taken by its rev, an older one ignored", () => {
  const timeline = page();
  assert.equal(timeline.apply(message(20, 62)), "update");
  assert.equal(timeline.apply(message(20, 61)), null);
  assert.equal(timeline.messages.get(20).rev, 62);
  assert.equal(timeline.cursor, 62);
});

test("a change of a message above the page leaves no hole: it is not shown", () => {
  const timeline = page();
  assert.equal(timeline.apply(message(5, 61)), null);
  assert.equal(timeline.first, 11);
  assert.equal(timeline.cursor, 61);
});

test("a change told during a fetch wins over what was fetched before it", () => {
  const timeline = page();
  timeline.begin();
  timeline.apply(message(5, 61));
  const added = timeline.join(run(1, 10), { earlier: false });
  timeline.end();
  assert.equal(added.length, 10);
  assert.equal(timeline.messages.get(5).rev, 61);
  assert.equal(timeline.first, 1);
  assert.equal(timeline.missed.size, 0);
});

test("fetched twice is shown once", () => {
  const timeline = page();
  timeline.join(run(5, 15), { earlier: true });
  assert.deepEqual(timeline.seqs, run(5, 60).map((one) => one.seq));
});

test("away from the end, what is new waits there", () => {
  const timeline = page({ later: true });
  assert.equal(timeline.apply(message(99, 99)), null);
  assert.equal(timeline.last, 60);
  assert.equal(timeline.newest, 99);
});

test("the end is reached only when nothing newer was told meanwhile", () => {
  const timeline = page({ later: true });
  timeline.begin();
  timeline.apply(message(71));
  timeline.join(run(61, 70), { later: false });
  timeline.end();
  assert.equal(timeline.later, true);
  timeline.join(run(71, 71), { later: false });
  assert.equal(timeline.later, false);
  assert.equal(timeline.apply(message(72)), "insert");
});

test("the far end is let go, and known to be missing", () => {
  const timeline = page();
  timeline.join(run(1, 10), { earlier: false });
  assert.deepEqual(timeline.shed(40, "end"), run(41, 60).map((one) => one.seq));
  assert.equal(timeline.later, true);
  assert.equal(timeline.last, 40);
  assert.deepEqual(timeline.shed(30, "start"), run(1, 10).map((one) => one.seq));
  assert.equal(timeline.earlier, true);
  assert.deepEqual(timeline.shed(30, "start"), []);
});

test("after a reset the page that follows is all there is", () => {
  const timeline = page();
  timeline.restart();
  assert.equal(timeline.seqs.length, 0);
  for (const one of run(401, 450)) assert.equal(timeline.apply(one), "insert");
  assert.equal(timeline.first, 401);
  assert.equal(timeline.earlier, true);
});

test("half a page is no cursor", () => {
  const timeline = page();
  timeline.welcome("f");
  timeline.restart();
  timeline.apply(message(401));
  assert.deepEqual(timeline.hello(), { since: null, epoch: null });
  timeline.synced(500);
  assert.deepEqual(timeline.hello(), { since: 500, epoch: "f" });
});

test("the cursor stays until the catch-up has ended, and then moves with each change", () => {
  const timeline = page();
  timeline.welcome("e");
  timeline.apply(message(61));
  timeline.apply(message(62));
  assert.deepEqual(timeline.hello(), { since: 60, epoch: "e" });
  timeline.synced(62);
  assert.equal(timeline.cursor, 62);
  timeline.apply(message(63));
  assert.equal(timeline.cursor, 63);
});

test("a restored room has a lower head, and the cursor follows it", () => {
  const timeline = page();
  timeline.welcome("f");
  timeline.restart();
  timeline.apply(message(31));
  timeline.synced(40);
  timeline.apply(message(32, 41));
  assert.deepEqual(timeline.hello(), { since: 41, epoch: "f" });
});

test("a head above the cursor is a loss, but not during a catch-up", () => {
  const timeline = page();
  timeline.synced(100);
  assert.equal(timeline.isBehind(100), false);
  assert.equal(timeline.isBehind(101), true);
  timeline.welcome("e");
  assert.equal(timeline.isBehind(101), false);
  timeline.restart();
  assert.equal(timeline.isBehind(101), false);
});

test("a reader above keeps what is there, cut off from the end, until it is fetched anew", () => {
  const timeline = page();
  timeline.restart({ keep: true });
  for (const one of run(451, 500)) assert.equal(timeline.apply(one), null);
  assert.equal(timeline.last, 60);
  assert.equal(timeline.later, true);
  assert.equal(timeline.newest, 500);
  timeline.replace(run(20, 119), { earlier: true, later: true });
  assert.equal(timeline.first, 20);
});

test("an empty room takes its first message", () => {
  const timeline = new Timeline({ head: 0, epoch: "e" });
  assert.equal(timeline.apply(message(1)), "insert");
  assert.deepEqual(timeline.hello(), { since: 1, epoch: "e" });
});

test("shuffled, doubled and dropped pages end in the same order", () => {
  let seed = 7;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  for (let round = 0; round < 200; round += 1) {
    const timeline = new Timeline({ head: 100, epoch: "e", messages: run(51, 100), earlier: true });
    const told = run(101, 140);
    for (let n = 0; n < 60; n += 1) told.push(message(60 + Math.floor(random() * 30), 100 + Math.floor(random() * 80)));
    told.sort(() => random() - 0.5);
    for (const one of told) timeline.apply(one);
    assert.deepEqual(timeline.seqs, run(51, 140).map((one) => one.seq));
    for (const one of told) assert.ok(timeline.messages.get(one.seq).rev >= one.rev);
  }
});
