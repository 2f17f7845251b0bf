import assert from "node:assert/strict";
import { test } from "node:test";
import { Announcer, announcementText } from "../../chat/static/chat/js/announcer.js";
import { ReadElsewhere } from "../../chat/static/chat/js/read_elsewhere.js";
import { Clock } from "./clock.mjs";

const messages = (...authors) => authors.map((author) => ({ author, text: "Hello" }));

test("one message is announced with its text, several with their number and authors", () => {
  assert.equal(announcementText(messages("Ayu")), "Ayu: Hello");
  assert.equal(announcementText(messages("Ayu", "Budi", "Ayu")), "3 new messages from Ayu and Budi");
  assert.equal(announcementText([{ author: "Ayu", text: "x".repeat(1_000) }]).length, 306);
});

test("the messages of one second are announced together, each once", () => {
  const clock = new Clock();
  const announced = [];
  const region = {
    set textContent(text) {
      announced.push(text);
    },
    replaceChildren: () => announced.push(""),
  };
  const announcer = new Announcer(region, clock);
  announcer.add("Ayu", "One\n\n two");
  clock.advance(1_000);
  announcer.add("Ayu", "Three");
  announcer.add("Budi", "Four");
  clock.advance(1_000);
  assert.deepEqual(announced, ["Ayu: One two", "2 new messages from Ayu and Budi"]);
  clock.advance(20_000);
  assert.equal(announced.at(-1), "");
  assert.equal(announced.length, 3);
});

test("a new message is neither read nor marked as unread elsewhere", () => {
  const elsewhere = new ReadElsewhere();
  assert.equal(elsewhere.change({ head: 10 }, 10), null);
  assert.equal(elsewhere.change({ head: 11, unread_from: 11 }, 11), null);
  assert.equal(elsewhere.change({ head: 12, unread_from: 11 }, 12), null);
});

test("messages that were read here and are unread now were marked as unread elsewhere", () => {
  const elsewhere = new ReadElsewhere();
  elsewhere.change({ head: 10 }, 10);
  assert.equal(elsewhere.change({ head: 10, unread_from: 7 }, 10), 7);
  assert.equal(elsewhere.change({ head: 10, unread_from: 4 }, 10), 4);
  assert.equal(elsewhere.change({ head: 10, unread_from: 9 }, 10), null);
});

test("unread messages that are read now were read elsewhere, also if they were read within a second", () => {
  const elsewhere = new ReadElsewhere();
  elsewhere.change({ head: 10 }, 10);
  elsewhere.change({ head: 11, unread_from: 11 }, 11);
  assert.equal(elsewhere.change({ head: 11 }, 11), "read");
  assert.equal(elsewhere.change({ head: 12 }, 12), "read");
});

test("an event that was made before the newest message says nothing about it", () => {
  const elsewhere = new ReadElsewhere();
  elsewhere.change({ head: 10, unread_from: 10 }, 10);
  assert.equal(elsewhere.change({ head: 10 }, 11), null);
});

test("a change of something else does not undo a mark that the server has not stored yet", () => {
  const elsewhere = new ReadElsewhere();
  elsewhere.change({ head: 10 }, 10);
  assert.equal(elsewhere.change({ head: 10 }, 10), null);
});
