import assert from "node:assert/strict";
import test from "node:test";

import { nearest } from "../../chat/static/chat/js/roving.js";
import { destination } from "../../chat/static/chat/js/roving_keys.js";

const COUNT = 10;
const PAGE = 4;
const to = (key, index) => destination(key, index, COUNT, PAGE);

test("arrow keys move by one message, and beyond both ends", () => {
  assert.equal(to("ArrowUp", 5), 4);
  assert.equal(to("ArrowDown", 5), 6);
  assert.equal(to("ArrowUp", 0), -1);
  assert.equal(to("ArrowDown", 9), COUNT);
});

test("page keys stop at the first and last message before they ask for more", () => {
  assert.equal(to("PageUp", 9), 5);
  assert.equal(to("PageUp", 2), 0);
  assert.equal(to("PageUp", 0), -1);
  assert.equal(to("PageDown", 3), 7);
  assert.equal(to("PageDown", 8), 9);
  assert.equal(to("PageDown", 9), COUNT);
});

test("Home and End lead to the first and last message", () => {
  assert.equal(to("Home", 7), 0);
  assert.equal(to("End", 2), 9);
});

test("a removed message is replaced by its nearest neighbour", () => {
  assert.equal(nearest([10, 20, 31], 24), 20);
  assert.equal(nearest([10, 20, 31], 26), 31);
  assert.equal(nearest([10, 20], 1), 10);
  assert.equal(nearest([], 5), undefined);
});
