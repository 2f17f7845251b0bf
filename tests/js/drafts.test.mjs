import assert from "node:assert/strict";
import { test } from "node:test";
import { Draft } from "../../chat/static/chat/js/drafts.js";
import { Clock } from "./clock.mjs";

function setUp(value = "") {
  const set = (text) => {
    stored.value = text;
    stored.writes += 1;
  };
  const stored = { value, writes: 0, get: () => stored.value, set };
  const [clock, page, shown] = [new Clock(), new EventTarget(), []];
  const draft = new Draft({ key: "draft", stored, page, clock });
  const typed = { text: "", names: {}, quote: null };
  draft.open({ read: () => typed, show: (other) => shown.push(other) });
  const type = (text) => {
    typed.text = text;
    draft.changed();
  };
  const otherTab = (newValue, key = "draft") => {
    page.dispatchEvent(Object.assign(new Event("storage"), { key, newValue }));
  };
  return { stored, clock, page, shown, draft, typed, type, otherTab };
}

test("keys in quick succession are stored once", () => {
  const { stored, clock, type, draft } = setUp();
  for (let length = 1; length <= 100; length += 1) {
    type("x".repeat(length));
    clock.advance(50);
  }
  assert.equal(stored.writes, 0);
  clock.advance(300);
  assert.equal(stored.writes, 1);
  assert.equal(draft.load().text.length, 100);
});

test("a page that is left stores the latest text", () => {
  const { page, type, draft } = setUp();
  type("half a thou");
  page.dispatchEvent(new Event("pagehide"));
  assert.equal(draft.load().text, "half a thou");
});

test("a draft has the answered message and the mentioned people", () => {
  const { typed, type, draft } = setUp();
  typed.names = { 7: "Ayu" };
  typed.quote = { seq: 3, author: { id: 7, name: "Ayu" }, text: "Tea?" };
  type("@Ayu yes");
  draft.save();
  assert.deepEqual(draft.load(), typed);
});

test("an answered message alone is a draft, and an empty draft is removed", () => {
  const { stored, typed, type, draft } = setUp();
  typed.quote = { seq: 3, author: {} };
  type("");
  draft.save();
  assert.deepEqual(draft.load().quote, { seq: 3, author: {} });
  typed.quote = null;
  type("");
  draft.save();
  assert.equal(stored.value, "");
});

test("a sent message leaves no draft, also when the page is left at once", () => {
  const { stored, page, clock, type, draft } = setUp();
  type("sent");
  draft.clear();
  page.dispatchEvent(new Event("pagehide"));
  clock.advance(1_000);
  assert.equal(stored.value, "");
});

test("the plain text of an earlier version is read", () => {
  for (const text of ["Half a thou", '"quoted"', "[1]", "{broken", "123"]) {
    assert.deepEqual(setUp(text).draft.load(), { text, names: {}, quote: null });
  }
});

test("a tab shows the draft of another tab, but keeps a text that is being typed", () => {
  const { clock, shown, type, otherTab } = setUp();
  otherTab(JSON.stringify({ text: "there" }));
  assert.deepEqual(shown.map(({ text }) => text), ["there"]);
  type("here");
  otherTab(JSON.stringify({ text: "there too" }));
  assert.equal(shown.length, 1);
  clock.advance(300);
  otherTab(null);
  otherTab("x", "another key");
  assert.deepEqual(shown.map(({ text }) => text), ["there", ""]);
});
