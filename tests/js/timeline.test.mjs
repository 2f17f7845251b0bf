import assert from "node:assert/strict";
import { test } from "node:test";
import { quoteOf } from "../../chat/static/chat/js/excerpt.js";
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

test("a change with a higher rev is applied, an older one is ignored", () => {
  const timeline = page();
  assert.equal(timeline.apply(message(20, 62)), "update");
  assert.equal(timeline.apply(message(20, 61)), null);
  assert.equal(timeline.messages.get(20).rev, 62);
  assert.equal(timeline.cursor, 62);
});

test("a change of a message above the page is not shown, so the page has no gap", () => {
  const timeline = page();
  assert.equal(timeline.apply(message(5, 61)), null);
  assert.equal(timeline.first, 11);
  assert.equal(timeline.cursor, 61);
});

test("a change that arrives during a request replaces the older fetched message", () => {
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

test("a message that is fetched twice is shown once", () => {
  const timeline = page();
  timeline.join(run(5, 15), { earlier: true });
  assert.deepEqual(timeline.seqs, run(5, 60).map((one) => one.seq));
});

test("new messages are not inserted while the page does not reach the end", () => {
  const timeline = page({ later: true });
  assert.equal(timeline.apply(message(99, 99)), null);
  assert.equal(timeline.last, 60);
  assert.equal(timeline.newest, 99);
});

test("the page reaches the end only if no newer message arrived during the request", () => {
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

test("messages trimmed at one end are remembered as missing", () => {
  const timeline = page();
  timeline.join(run(1, 10), { earlier: false });
  assert.deepEqual(timeline.trim(40, "end"), run(41, 60).map((one) => one.seq));
  assert.equal(timeline.later, true);
  assert.equal(timeline.last, 40);
  assert.deepEqual(timeline.trim(30, "start"), run(1, 10).map((one) => one.seq));
  assert.equal(timeline.earlier, true);
  assert.deepEqual(timeline.trim(30, "start"), []);
});

test("after a reset the page has only the messages that follow", () => {
  const timeline = page();
  timeline.restart();
  assert.equal(timeline.seqs.length, 0);
  for (const one of run(401, 450)) assert.equal(timeline.apply(one), "insert");
  assert.equal(timeline.first, 401);
  assert.equal(timeline.earlier, true);
});

test("an incomplete page has no cursor", () => {
  const timeline = page();
  timeline.welcome("f");
  timeline.restart();
  timeline.apply(message(401));
  assert.deepEqual(timeline.hello(), { since: null, epoch: null });
  timeline.synced(500);
  assert.deepEqual(timeline.hello(), { since: 500, epoch: "f" });
});

test("the cursor does not move during the catch-up, and then moves with each change", () => {
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

test("a head above the cursor means missed changes, except during a catch-up", () => {
  const timeline = page();
  timeline.synced(100);
  assert.equal(timeline.isBehind(100), false);
  assert.equal(timeline.isBehind(101), true);
  timeline.welcome("e");
  assert.equal(timeline.isBehind(101), false);
  timeline.restart();
  assert.equal(timeline.isBehind(101), false);
});

test("a user who has scrolled up keeps the messages until they are fetched again", () => {
  const timeline = page();
  timeline.restart({ keep: true });
  for (const one of run(451, 500)) assert.equal(timeline.apply(one), null);
  assert.equal(timeline.last, 60);
  assert.equal(timeline.later, true);
  assert.equal(timeline.newest, 500);
  timeline.replace(run(20, 119), { earlier: true, later: true });
  assert.equal(timeline.first, 20);
});

test("an empty room shows its first message", () => {
  const timeline = new Timeline({ head: 0, epoch: "e" });
  assert.equal(timeline.apply(message(1)), "insert");
  assert.deepEqual(timeline.hello(), { since: 1, epoch: "e" });
});

test("shuffled and duplicated events end in the same order", () => {
  let seed = 7;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  for (let round = 0; round < 200; round += 1) {
    const timeline = new Timeline({ head: 100, epoch: "e", messages: run(51, 100), earlier: true });
    const events = run(101, 140);
    for (let n = 0; n < 60; n += 1) {
      events.push(message(60 + Math.floor(random() * 30), 100 + Math.floor(random() * 80)));
    }
    events.sort(() => random() - 0.5);
    for (const one of events) timeline.apply(one);
    assert.deepEqual(timeline.seqs, run(51, 140).map((one) => one.seq));
    for (const one of events) assert.ok(timeline.messages.get(one.seq).rev >= one.rev);
  }
});

const original = (seq, rev, more = {}) => ({
  ...message(seq, rev),
  author: { id: 1, name: "Ayu" },
  text: `text ${rev}`,
  deleted: false,
  hidden: false,
  ...more,
});
const reply = (seq, answered) => ({ ...message(seq), author: { id: 2, name: "Budi" }, quote: quoteOf(answered) });

test("quotes follow the original, also one that is not on the page", () => {
  const [near, far] = [original(5, 5), original(1, 1)];
  const timeline = new Timeline({ head: 7, messages: [near, reply(6, near), reply(7, far)], earlier: true });
  for (const edited of [original(5, 8), original(1, 9, { deleted: true, text: "" })]) {
    timeline.apply(edited);
    timeline.requote(edited);
  }
  assert.equal(timeline.messages.get(6).quote.text, "text 8");
  assert.deepEqual([timeline.messages.get(7).quote.text, timeline.messages.get(7).quote.deleted], ["", true]);
});

test("a late event does not bring an old quote back", () => {
  const near = original(5, 8);
  const timeline = new Timeline({ head: 8, messages: [near, reply(6, near)] });
  assert.equal(timeline.requote(original(5, 5)), null);
  assert.equal(timeline.messages.get(6).quote.text, "text 8");
});

test("fetched replies have the changes of their originals that arrived during the request", () => {
  for (const show of [(timeline, fetched) => timeline.join(fetched, { earlier: true }), (timeline, fetched) =>
    timeline.replace(fetched, { earlier: true, later: true })]) {
    const near = original(9, 9);
    const timeline = new Timeline({ head: 9, messages: [near], earlier: true });
    timeline.begin();
    const fetched = [reply(7, original(2, 2)), reply(8, original(2, 2))];
    const edited = original(2, 10);
    timeline.apply(edited);
    timeline.requote(edited);
    show(timeline, fetched);
    timeline.end();
    assert.deepEqual([7, 8].map((seq) => timeline.messages.get(seq).quote.text), ["text 10", "text 10"]);
  }
});

test("a new name is shown on messages, in quotes and in quoted mentions", () => {
  const near = original(5, 5, { text: "Ask <@2>", mentions: { 2: "Budi" } });
  const timeline = new Timeline({ head: 6, messages: [near, reply(6, near)] });
  const changed = timeline.rename([{ id: 2, name: "Bima" }, { id: 1, name: "Ayu L." }]);
  assert.deepEqual(changed, [near]);
  changed.forEach((one) => timeline.requote(one));
  const { author, quote } = timeline.messages.get(6);
  assert.deepEqual([author.name, quote.author.name, quote.text], ["Bima", "Ayu L.", "Ask @Bima"]);
});
