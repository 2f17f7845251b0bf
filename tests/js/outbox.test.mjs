import assert from "node:assert/strict";
import { test } from "node:test";
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

function desk({ storage = new Storage(), open = true } = {}) {
  const clock = new Clock();
  const sent = [];
  const now = () => clock.now;
  const outbox = new Outbox({ storage, prefix: "outbox:1:kitchen:", now });
  const state = { open, silences: 0 };
  const send = (command) => state.open && Boolean(sent.push(command.id));
  const sender = new Sender({ outbox, send, onChange: () => {}, onSilence: () => (state.silences += 1), clock, now });
  const write = (id) => {
    outbox.add({ id, text: `text of ${id}` });
    sender.flush();
  };
  return { clock, sent, outbox, sender, state, write, storage };
}

test("what is not acknowledged survives a reload, in its order", () => {
  const { storage, write } = desk({ open: false });
  for (const id of ["c", "a", "b"]) write(id);
  const later = desk({ storage });
  later.sender.connected();
  assert.deepEqual(later.sent, ["c", "a", "b"]);
});

test("what is acknowledged is gone", () => {
  const { storage, write, sender } = desk();
  write("a");
  sender.acknowledged("a");
  assert.equal(storage.length, 0);
});

test("after a reconnect what was on its way is sent again under the same id", () => {
  const { sent, write, sender } = desk();
  write("a");
  sender.connected();
  assert.deepEqual(sent, ["a", "a"]);
});

test("a few are on their way at a time", () => {
  const { sent, write, sender } = desk();
  for (let n = 0; n < 20; n += 1) write(`${n}`);
  assert.equal(sent.length, 8);
  sender.acknowledged("0");
  assert.equal(sent.length, 9);
});

test("a refusal hands the text back and keeps its reason through a reload", () => {
  const { storage, write, sender } = desk();
  write("a");
  sender.refused({ id: "a", message: "Too long.", retry: false });
  const later = desk({ storage });
  later.sender.connected();
  assert.deepEqual(later.sent, []);
  assert.equal(later.outbox.all()[0].refused, "Too long.");
  later.outbox.again("a");
  later.sender.flush();
  assert.deepEqual(later.sent, ["a"]);
});

test("asked to wait it waits, says how long, and sends by itself", () => {
  const { clock, sent, write, sender, outbox } = desk();
  write("a");
  sender.refused({ id: "a", message: "Slower.", retry: true, retry_after_ms: 3_000 });
  write("b");
  assert.deepEqual(sent, ["a"]);
  assert.equal(sender.pausedFor(), 3_000);
  clock.pass(3_100);
  assert.deepEqual(sent, ["a", "a", "b"]);
  assert.equal(outbox.waiting().length, 2);
});

test("an answer that never comes is noticed", () => {
  const { clock, write, state } = desk();
  write("a");
  clock.pass(12_500);
  assert.equal(state.silences, 1);
});

test("two tabs share the box and do not write over each other", () => {
  const storage = new Storage();
  const one = desk({ storage, open: false });
  const two = desk({ storage, open: false });
  one.write("a");
  two.write("b");
  one.outbox.changed("outbox:1:kitchen:b", storage.getItem("outbox:1:kitchen:b"));
  assert.deepEqual(one.outbox.all().map((entry) => entry.id).sort(), ["a", "b"]);
  two.sender.acknowledged("b");
  assert.equal(one.outbox.changed("outbox:1:kitchen:b", null), "b");
  assert.deepEqual(one.outbox.all().map((entry) => entry.id), ["a"]);
});

test("a browser that forbids storage keeps it in the page", () => {
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
  const { sent, write, outbox, sender } = desk({ storage });
  write("a");
  assert.deepEqual(sent, ["a"]);
  sender.acknowledged("a");
  assert.equal(outbox.all().length, 0);
});

test("rubbish in the storage is left alone", () => {
  const storage = new Storage();
  storage.setItem("outbox:1:kitchen:x", "{");
  storage.setItem("outbox:1:kitchen:y", '"y"');
  storage.setItem("another", "{}");
  assert.equal(desk({ storage }).outbox.all().length, 0);
});
