import assert from "node:assert/strict";
import { test } from "node:test";
import { shownReactions } from "../../chat/static/chat/js/reaction_chips.js";
import { isIncomplete, namesOf } from "../../chat/static/chat/js/reaction_names.js";
import { Reactions } from "../../chat/static/chat/js/reactions.js";

const ME = 1;
const chips = (reactions, ...waiting) =>
  shownReactions(reactions, waiting, ME).map(
    ({ emoji, count, own, pending }) => `${emoji}${count}${own ? " own" : ""}${pending ? " pending" : ""}`,
  );

test("chips keep the order of the first reactions and mark one's own", () => {
  assert.deepEqual(chips({ "👍": [2, 3], "❤️": [ME] }), ["👍2", "❤️1 own"]);
});

test("a reaction that is on its way counts, and is marked", () => {
  assert.deepEqual(chips({ "👍": [2] }, { emoji: "👍", on: true }), ["👍2 own pending"]);
  assert.deepEqual(chips({ "👍": [2] }, { emoji: "❤️", on: true }), ["👍1", "❤️1 own pending"]);
  assert.deepEqual(chips({ "👍": [ME, 2] }, { emoji: "👍", on: false }), ["👍1 pending"]);
  assert.deepEqual(chips({ "👍": [ME] }, { emoji: "👍", on: false }), []);
});

test("a reaction that has arrived is counted once", () => {
  assert.deepEqual(chips({ "👍": [ME] }, { emoji: "👍", on: true }), ["👍1 own"]);
});

test("several reactions on their way apply in order", () => {
  const on = { emoji: "👍", on: true };
  const off = { emoji: "👍", on: false };
  assert.deepEqual(chips({}, on, off), []);
  assert.deepEqual(chips({}, on, off, on), ["👍1 own pending"]);
});

const NAMES = new Map([[2, "Ayu"], [3, "Budi"], [4, "Citra"]]);
const sentence = (ids, known = NAMES) =>
  namesOf(ids, "👍", ME, (id) => known.get(id)).map((part) => part.name ?? part).join("");

test("the names of the people are listed, oneself first and strangers counted", () => {
  assert.equal(sentence([ME]), "You reacted with 👍");
  assert.equal(sentence([2, 3]), "Ayu and Budi reacted with 👍");
  assert.equal(sentence([2, ME, 3, 4]), "You, Ayu, Budi and Citra reacted with 👍");
  assert.equal(sentence([ME, 2, 7, 8, 9]), "You, Ayu and 3 others reacted with 👍");
  assert.equal(sentence([2, 9]), "Ayu and 1 other reacted with 👍");
  assert.equal(sentence([8, 9]), "2 people reacted with 👍");
  const many = new Map(Array.from({ length: 40 }, (_, number) => [number + 10, `P${number}`]));
  assert.match(sentence([...many.keys()], many), /^P0, .*, P9 and 30 others reacted with 👍$/);
});

test("names are incomplete only if one that is listed is missing", () => {
  const nameOf = (id) => NAMES.get(id);
  assert.equal(isIncomplete([ME, 2], ME, nameOf), false);
  assert.equal(isIncomplete([ME, 9], ME, nameOf), true);
});

test("an acknowledged reaction counts until the message with it arrives", () => {
  const command = { type: "react", seq: 5, emoji: "👍", on: true };
  const outbox = { entries: new Map([["c", { command }]]), waiting: () => [...outbox.entries.values()] };
  const timeline = { messages: new Map([[5, { seq: 5, rev: 5, reactions: {} }]]) };
  const list = { addEventListener() {} };
  const reactions = new Reactions({ list, outbox, timeline, me: { id: ME } });
  assert.equal(reactions.waiting(5).length, 1);
  reactions.acknowledged("c", 9);
  outbox.entries.delete("c");
  assert.equal(reactions.waiting(5).length, 1);
  assert.ok(reactions.isOwn(5, "👍"));
  timeline.messages.set(5, { seq: 5, rev: 9, reactions: { "👍": [ME] } });
  assert.deepEqual(reactions.waiting(5), []);
  assert.ok(reactions.isOwn(5, "👍"));
});
