// Whether the user may write, the words for it, and the badges of the room's modes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { gateOf, leftText, untilText } from "../../chat/static/chat/js/gate.js";

const now = new Date(2026, 10, 28, 13, 0).getTime();
const at = (minutes) => new Date(now + minutes * 60_000).toISOString();
const me = { guest: false, moderates: false };
const gate = (given) => gateOf({ room: {}, sanctions: [], me, now, ...given });

test("without sanctions and modes one may write", () => assert.equal(gate({}), null));

test("a mute closes the composer until it ends", () => {
  const sanctions = [{ id: 1, kind: "mute", reason: "Spam", until: at(5) }];
  assert.equal(gate({ sanctions }).text, "You are muted until 13:05.");
  assert.equal(gate({ sanctions }).reason, "Spam");
  assert.equal(gate({ sanctions, now: now + 5 * 60_000 }), null);
  assert.equal(gate({ sanctions: [{ ...sanctions[0], ended: true }] }), null);
});

test("the answer to an appeal is shown", () => {
  const sanctions = [{ id: 1, kind: "mute", reason: "Spam", until: null, answer: "Not yet" }];
  assert.equal(gate({ sanctions }).answer, "The answer to your appeal: Not yet");
});

test("of several mutes the longest counts, and one for good most", () => {
  const mutes = [at(5), at(60), at(10)].map((until, id) => ({ id, kind: "mute", until }));
  assert.equal(gate({ sanctions: mutes }).id, 1);
  assert.equal(gate({ sanctions: [...mutes, { id: 9, kind: "mute", until: null }] }).text, "You are muted for good.");
});

test("a warning comes before a mute, and both before the modes of the room", () => {
  const sanctions = [{ id: 1, kind: "mute", until: null }, { id: 2, kind: "warning", until: null }];
  assert.equal(gate({ sanctions, room: { locked: true } }).kind, "warning");
});

test("modes exempt moderators, except an archived room", () => {
  for (const room of [{ locked: true }, { calm_until: at(5) }, { posters: "accounts" }]) {
    assert.ok(gate({ room, me: { guest: true, moderates: false } }));
    assert.equal(gate({ room, me: { guest: true, moderates: true } }), null);
  }
  assert.equal(gate({ room: { archived: true }, me: { moderates: true } }).kind, "archived");
});

test("a block closes a direct conversation for both, whoever they are", () => {
  assert.equal(gate({ room: { blocked: true } }).kind, "blocked");
  assert.equal(gate({ room: { blocked: true }, me: { moderates: true } }).kind, "blocked");
});

test("a room for accounts closes the composer for guests only", () => {
  assert.equal(gate({ room: { posters: "accounts" } }), null);
  assert.equal(gate({ room: { posters: "accounts" }, me: { guest: true } }).kind, "accounts");
});

test("an end on another day has its date", () => {
  assert.equal(untilText(now + 86_400_000 * 5, now), "until 3 Dec, 13:00");
});

test("the time that is left has its two largest units", () => {
  const texts = { 0: "0 s left", 12: "12 s left", 192: "3 min 12 s left", 3_600: "1 h left", 90_061: "1 d 1 h left" };
  for (const [seconds, text] of Object.entries(texts)) assert.equal(leftText(seconds * 1_000), text);
  assert.equal(leftText(11_001), "12 s left");
});
