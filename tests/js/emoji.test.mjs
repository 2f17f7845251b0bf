import assert from "node:assert/strict";
import { test } from "node:test";
import { emojiSource } from "../../chat/static/chat/js/emoji_completion.js";
import { withRecent } from "../../chat/static/chat/js/emoji_data.js";
import { moved } from "../../chat/static/chat/js/emoji_grid.js";
import { EmojiIndex } from "../../chat/static/chat/js/emoji_index.js";
import { isLargeEmoji } from "../../chat/static/chat/js/texts.js";

const GROUPS = [
  {
    name: "Smileys",
    emoji: [
      ["😂", "face with tears of joy", ["joy"], "wajah gembira berurai air mata"],
      ["😍", "smiling face with heart-eyes", ["heart_eyes"], "wajah tersenyum dengan mata hati"],
      ["❤️", "red heart", ["heart"], "hati merah"],
    ],
  },
  {
    name: "People",
    emoji: [
      ["👍", "thumbs up", ["thumbsup", "+1"], "jempol ke atas"],
      ["👎", "thumbs down", ["thumbsdown", "-1"], "jempol ke bawah"],
      ["🪅", "piñata", [], "pinata"],
    ],
  },
];
const index = new EmojiIndex(GROUPS);
const found = (query, most = 10) => index.search(query, most).map(({ emoji }) => emoji).join("");

test("emoji are found by the beginning of any word, in English and in Indonesian", () => {
  assert.equal(found("tea"), "😂");
  assert.equal(found("jempol"), "👍👎");
  assert.equal(found("bawah"), "👎");
  assert.equal(found("eart"), "");
});

test("an exact shortcode comes first, then names that begin with the query, then other words", () => {
  assert.equal(found("heart"), "❤️😍");
  assert.equal(found("hati"), "❤️😍");
  assert.equal(found("+1"), "👍");
  assert.equal(found("-1"), "👎");
});

test("every word of a query must match; case, accents and underscores do not matter", () => {
  assert.equal(found("EYES smil"), "😍");
  assert.equal(found("eyes down"), "");
  assert.equal(found("Pinata"), "🪅");
  assert.equal(found("PIÑATA"), "🪅");
  assert.equal(found("red_he"), "❤️");
});

test("a search has at most the requested number of results, and an empty one none", () => {
  assert.equal(found("wajah", 1), "😂");
  assert.equal(found(" "), "");
  assert.equal(found(".*"), "");
});

test("an emoji without a shortcode gets one from its name", () => {
  assert.equal(index.byEmoji.get("🪅").code, "pinata");
  assert.equal(index.byEmoji.get("👍").code, "thumbsup");
});

test("arrow keys move through the rows of a section and on to the next section", () => {
  const sizes = [10, 0, 20]; // rows of 8 and 2; 8, 8 and 4
  assert.equal(moved(sizes, 0, "ArrowRight"), 1);
  assert.equal(moved(sizes, 0, "ArrowLeft"), 0);
  assert.equal(moved(sizes, 29, "ArrowRight"), 29);
  assert.equal(moved(sizes, 1, "ArrowDown"), 9);
  assert.equal(moved(sizes, 5, "ArrowDown"), 9);
  assert.equal(moved(sizes, 9, "ArrowDown"), 11);
  assert.equal(moved(sizes, 11, "ArrowUp"), 9);
  assert.equal(moved(sizes, 15, "ArrowUp"), 9);
  assert.equal(moved(sizes, 9, "ArrowUp"), 1);
  assert.equal(moved(sizes, 3, "ArrowUp"), -1);
  assert.equal(moved(sizes, 29, "ArrowDown"), 29);
  assert.equal(moved(sizes, 3, "End"), 7);
  assert.equal(moved(sizes, 9, "Home"), 8);
  assert.equal(moved(sizes, 8, "End"), 9);
});

test("the emoji used last come first, each once and not too many", () => {
  assert.equal(withRecent("", "👍"), "👍");
  assert.equal(withRecent("😂 👍", "👍"), "👍 😂");
  const many = Array.from({ length: 40 }, (_, number) => `e${number}`).join(" ");
  assert.equal(withRecent(many, "👍").split(" ").length, 24);
});

test("smileys and times are not completed", async () => {
  for (const query of ["", ")", "-)", "D", "'(", "/", "-D)", "//example.org"]) {
    assert.deepEqual(await emojiSource.find(query), [], query);
  }
});

test("a shortcode is completed after two characters, in both languages; the list is requested once", async (t) => {
  let requests = 0;
  const answer = { ok: true, json: async () => ({ groups: GROUPS }) };
  t.mock.method(globalThis, "fetch", async () => [answer, (requests += 1)][0]);
  const [first] = await emojiSource.find("jem");
  assert.deepEqual([first.mark, first.label, first.detail], ["👍", ":thumbsup:", "jempol ke atas"]);
  assert.equal(emojiSource.text(first), "👍");
  assert.equal((await emojiSource.find("+1"))[0].mark, "👍");
  assert.equal((await emojiSource.find("heart_e"))[0].mark, "😍");
  assert.deepEqual(await emojiSource.find("h"), []);
  assert.equal(requests, 1);
});

test("up to three emoji alone are large", () => {
  for (const text of ["👍", "👍🏽 ❤️ 🇮🇩", " 👨‍👩‍👧 "]) assert.ok(isLargeEmoji(text), text);
  for (const text of ["", "a", "👍 ok", "👍👍👍👍", "1", "#"]) assert.ok(!isLargeEmoji(text), text);
});
