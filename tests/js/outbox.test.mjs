import assert from "node:assert/strict";
import { test } from "node:test";
import { mayBeSentAgain, textLength } from "../../chat/static/chat/js/limits.js";
import { Outbox } from "../../chat/static/chat/js/outbox.js";
import { Sender } from "../../chat/static/chat/js/sender.js";
import { Clock } from "./clock.mjs";

class Storage {
  #data = new Map();
  get length() {
    return this.#data.size;
  }
  key(index) {
    return [...this.#data.keys()][index];
  }
  getItem(key) {
    return this.#data.get(key) ?? null;
  }
  setItem(key, value) {
    this.#data.set(key, value);
  }
  removeItem(key) {
    this.#data.delete(key);
  }
}

function setUp({ storage = new Storage(), open = true } = {}) {
  const clock = new Clock();
  const sent = [];
  const now = () => clock.now;
  const outbox = new Outbox({ storage, prefix: "outbox:1:kitchen:", now });
  const state = { open, timeouts: 0 };
  const frames = [];
  const send = (command) => state.open && Boolean(frames.push(command) && sent.push(command.id));
  const sender = new Sender({ outbox, send, onChange: () => {}, onTimeout: () => (state.timeouts += 1), clock, now });
  const write = (id, text = `text of ${id}`) => {
    outbox.add(id, { type: "post", text });
    sender.flush();
  };
  return { clock, sent, frames, outbox, sender, state, write, storage };
}

test("unacknowledged messages survive a reload in their order", () => {
  const { storage, write } = setUp({ open: false });
  for (const id of ["c", "a", "b"]) write(id);
  const later = setUp({ storage });
  later.sender.connected();
  assert.deepEqual(later.sent, ["c", "a", "b"]);
});

test("an acknowledged message leaves the outbox", () => {
  const { storage, write, sender } = setUp();
  write("a");
  sender.acknowledged("a");
  assert.equal(storage.length, 0);
});

test("commands in flight are sent again after a reconnect with the same ids", () => {
  const { sent, write, sender } = setUp();
  write("a");
  sender.connected();
  assert.deepEqual(sent, ["a", "a"]);
});

test("at most eight commands are in flight", () => {
  const { sent, write, sender } = setUp();
  for (let n = 0; n < 20; n += 1) write(`${n}`);
  assert.equal(sent.length, 8);
  sender.acknowledged("0");
  assert.equal(sent.length, 9);
});

test("a refused message keeps its reason through a reload and is sent again on request", () => {
  const { storage, write, sender } = setUp();
  write("a");
  sender.refused({ id: "a", code: "muted", message: "You are muted.", retry: false });
  const later = setUp({ storage });
  later.sender.connected();
  assert.deepEqual(later.sent, []);
  assert.equal(later.outbox.all()[0].refused.message, "You are muted.");
  assert.ok(mayBeSentAgain(later.outbox.all()[0]));
  later.outbox.retry("a");
  later.sender.flush();
  assert.deepEqual(later.sent, ["a"]);
});

test("a rate limit pauses sending for the given time", () => {
  const { clock, sent, write, sender, outbox } = setUp();
  write("a");
  sender.refused({ id: "a", message: "Slower.", retry: true, retry_after_ms: 3_000 });
  write("b");
  assert.deepEqual(sent, ["a"]);
  assert.equal(sender.pausedFor(), 3_000);
  clock.advance(3_100);
  assert.deepEqual(sent, ["a", "a", "b"]);
  assert.equal(outbox.waiting().length, 2);
});

test("an overdue answer is reported", () => {
  const { clock, write, state } = setUp();
  write("a");
  clock.advance(12_500);
  assert.equal(state.timeouts, 1);
});

test("slow mode holds only the message back that it refuses", () => {
  const { clock, sent, write, sender } = setUp();
  write("a");
  sender.refused({ id: "a", code: "slow_mode", message: "", retry: true, retry_after_ms: 30_000 });
  write("b");
  assert.deepEqual(sent, ["a", "b"]);
  assert.equal(sender.pausedFor(), 0);
  sender.acknowledged("b");
  clock.advance(29_000);
  assert.deepEqual(sent, ["a", "b"]);
  clock.advance(1_100);
  assert.deepEqual(sent, ["a", "b", "a"]);
});

test("two tabs share the outbox and do not overwrite each other", () => {
  const storage = new Storage();
  const one = setUp({ storage, open: false });
  const two = setUp({ storage, open: false });
  one.write("a");
  two.write("b");
  one.outbox.changed("outbox:1:kitchen:b", storage.getItem("outbox:1:kitchen:b"));
  assert.deepEqual(one.outbox.all().map((entry) => entry.id).sort(), ["a", "b"]);
  two.sender.acknowledged("b");
  assert.equal(one.outbox.changed("outbox:1:kitchen:b", null), true);
  assert.deepEqual(one.outbox.all().map((entry) => entry.id), ["a"]);
});

test("messages are kept in the page when the browser forbids storage", () => {
  const storage = {
    get length() {
      throw new Error("forbidden");
    },
    setItem() {
      throw new Error("forbidden");
    },
    removeItem() {
      throw new Error("forbidden");
    },
  };
  const { sent, write, outbox, sender } = setUp({ storage });
  write("a");
  assert.deepEqual(sent, ["a"]);
  sender.acknowledged("a");
  assert.equal(outbox.all().length, 0);
});

test("unreadable values in the storage are ignored", () => {
  const storage = new Storage();
  storage.setItem("outbox:1:kitchen:x", "{");
  storage.setItem("outbox:1:kitchen:y", '"y"');
  storage.setItem("outbox:1:kitchen:z", '{"id": "z", "command": {"type": "post"}, "at": 1}');
  storage.setItem("another", "{}");
  assert.equal(setUp({ storage }).outbox.all().length, 0);
});

const LONG = "a".repeat(4_001);

test("the length of a text is counted in code points, without spaces and newlines at its ends", () => {
  assert.equal(textLength(""), 0);
  assert.equal(textLength(" \n "), 0);
  assert.equal(textLength(" \n a b\n "), 3);
  assert.equal(textLength("😀👍🏽"), 3);
  assert.equal(textLength("\ta\u00a0"), 3);
  assert.equal(textLength("\ud83d"), 1);
  assert.equal(textLength("😀".repeat(4_000)), 4_000);
});

test("a message that is too long is never sent, and does not block the others", () => {
  const { sent, outbox, write } = setUp();
  write("a", LONG);
  write("b", "a".repeat(300_000));
  write("c", "😀".repeat(4_000));
  assert.deepEqual(sent, ["c"]);
  assert.match(outbox.all()[0].refused.message, /longer than 4,000 characters/);
  assert.equal(mayBeSentAgain(outbox.all()[0]), false);
  assert.equal(outbox.retry("a").refused.code, "too_long");
  assert.equal(outbox.waiting().length, 1);
});

test("a message whose frame would be too big, or with an unpaired surrogate, is never sent", () => {
  const { sent, outbox, write } = setUp();
  write("a", "\u0001".repeat(3_999));
  write("b", "half \ud83d");
  assert.deepEqual(sent, []);
  assert.deepEqual(outbox.all().map((entry) => entry.refused.code), ["too_big", "characters"]);
});

test("a stored message that is too long is refused, whether an earlier version or another tab stored it", () => {
  const storage = new Storage();
  const old = (id, text, more) => storage.setItem(`outbox:1:kitchen:${id}`, JSON.stringify({ id, text, ...more }));
  old("a", LONG, { at: 1 });
  old("b", "fine", { at: 2 });
  old("c", "a".repeat(5_000), { at: 3, refused: "This is longer than 4000 characters." });
  const { sent, outbox, sender } = setUp({ storage });
  sender.connected();
  assert.deepEqual(sent, ["b"]);
  assert.equal(outbox.all()[2].refused.message, "This is longer than 4000 characters.");
  assert.equal(mayBeSentAgain(outbox.all()[2]), false);
  const entry = { id: "d", command: { type: "post", text: LONG }, at: 4 };
  assert.equal(outbox.changed("outbox:1:kitchen:d", JSON.stringify(entry)), true);
  sender.flush();
  assert.deepEqual(sent, ["b"]);
});

test("any command goes through the outbox, in order and with its id", () => {
  const { frames, outbox, sender, storage } = setUp();
  outbox.add("a", { type: "post", text: "Tea?" });
  outbox.add("b", { type: "edit", seq: 3, text: "Coffee?" });
  outbox.add("c", { type: "react", seq: 3, emoji: "👍", on: true });
  outbox.add("d", { type: "delete", seq: 3 });
  sender.flush();
  assert.deepEqual(frames, [
    { type: "post", text: "Tea?", id: "a" },
    { type: "edit", seq: 3, text: "Coffee?", id: "b" },
    { type: "react", seq: 3, emoji: "👍", on: true, id: "c" },
    { type: "delete", seq: 3, id: "d" },
  ]);
  sender.acknowledged("b");
  sender.refused({ id: "c", code: "bad_emoji", message: "React with one emoji.", retry: false });
  const later = setUp({ storage });
  assert.deepEqual(later.outbox.all().map((entry) => entry.command.type), ["post", "react", "delete"]);
  assert.equal(mayBeSentAgain(later.outbox.all()[1]), false);
});

test("a command that the server cannot parse is identified and refused, and the others are sent", () => {
  const { frames, sent, outbox, sender, write } = setUp();
  for (const id of ["a", "b", "c"]) write(id);
  const bad = { code: "malformed", message: "This could not be understood.", retry: false };
  sender.unreadable(bad);
  assert.deepEqual(sent, ["a", "b", "c", "a"]);
  sender.acknowledged("a");
  sender.unreadable(bad);
  assert.equal(outbox.entries.get("b").refused.code, "malformed");
  sender.acknowledged("c");
  assert.equal(outbox.waiting().length, 0);
  assert.equal(frames.length, 6);
});

test("entries that an earlier version stored under the room's slug are moved", () => {
  const storage = new Storage();
  const old = { id: "a", text: "Left behind", at: 1 };
  storage.setItem("outbox:1:kitchen:a", JSON.stringify(old));
  storage.setItem("outbox:1:garden:b", JSON.stringify({ ...old, id: "b" }));
  const outbox = new Outbox({ storage, prefix: "commands:1:7:", former: "outbox:1:kitchen:" });
  assert.deepEqual(outbox.waiting().map((entry) => entry.command), [{ type: "post", text: "Left behind" }]);
  assert.equal(storage.getItem("outbox:1:kitchen:a"), null);
  assert.notEqual(storage.getItem("outbox:1:garden:b"), null);
  const later = new Outbox({ storage, prefix: "commands:1:7:", former: "outbox:1:kitchen:" });
  assert.equal(later.waiting().length, 1);
});
