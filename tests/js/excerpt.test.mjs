import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { excerpt, quoteOf } from "../../chat/static/chat/js/excerpt.js";

const corpus = JSON.parse(readFileSync(new URL("../excerpts.json", import.meta.url), "utf8"));

test("an excerpt is the one that the server makes", () => {
  for (const [text, expected] of corpus) assert.equal(excerpt(text), expected);
});

test("a quote has names for mentions, and no text once the message is deleted", () => {
  const author = { id: 3, name: "Budi", guest: false };
  const message = { seq: 4, author, text: "Ask <@7> or <@8>", deleted: false, hidden: false, mentions: { 7: "Ayu" } };
  assert.deepEqual(quoteOf(message), { seq: 4, author, text: "Ask @Ayu or @unknown", deleted: false, hidden: false });
  const deleted = { ...message, text: "", deleted: true, mentions: undefined };
  assert.deepEqual(quoteOf(deleted), { seq: 4, author, text: "", deleted: true, hidden: false });
});
