import assert from "node:assert/strict";
import { test } from "node:test";
import { Confirming } from "../../chat/static/chat/js/confirming.js";
import { Clock } from "./clock.mjs";

function desk({ open = true } = {}) {
  const clock = new Clock();
  const sent = [];
  const timeline = { cursor: 7, pageHead: null };
  const state = { open };
  const send = ({ head }) => state.open && Boolean(sent.push([clock.now - 1_000_000, head]));
  const confirming = new Confirming({ timeline, send, clock, now: () => clock.now });
  const came = (head) => {
    timeline.cursor = head;
    confirming.soon();
  };
  return { clock, sent, timeline, confirming, came, state };
}

test("the first change is confirmed at once, the next ones once a second", () => {
  const { clock, sent, came } = desk();
  for (let head = 8; head < 48; head += 1) {
    came(head);
    clock.pass(50);
  }
  clock.pass(5_000);
  assert.deepEqual(sent.map(([at]) => at), [0, 1_000, 2_000]);
  assert.equal(sent.at(-1)[1], 47);
});

test("without news nothing is said", () => {
  const { clock, sent, confirming } = desk();
  confirming.soon();
  clock.pass(10_000);
  assert.deepEqual(sent, []);
});

test("while a page comes in, or without a connection, it waits for the next event", () => {
  const { clock, sent, timeline, came, state } = desk();
  timeline.pageHead = 50;
  came(20);
  clock.pass(2_000);
  timeline.pageHead = null;
  state.open = false;
  came(21);
  clock.pass(2_000);
  assert.deepEqual(sent, []);
  state.open = true;
  came(22);
  clock.pass(2_000);
  assert.equal(sent[0][1], 22);
});
