import assert from "node:assert/strict";
import test from "node:test";

import { runs } from "../../chat/static/chat/js/folding.js";

// "x" is a deleted message, anything else ends a run.
const folded = (list) => runs([...list].map((kind, row) => ({ row, folds: kind === "x" })));

test("three deleted messages in a row fold, two do not", () => {
  assert.deepEqual(folded("xx"), []);
  assert.deepEqual(folded("xxx"), [[0, 1, 2]]);
  assert.deepEqual(folded("mxxxm"), [[1, 2, 3]]);
});

test("a message or a day line between deleted messages ends the run", () => {
  assert.deepEqual(folded("xxmx"), []);
  assert.deepEqual(folded("xxxmxxxx"), [[0, 1, 2], [4, 5, 6, 7]]);
  assert.deepEqual(folded("dxxdx"), []);
});
