import assert from "node:assert/strict";
import { test } from "node:test";

import { fit } from "../../chat/static/chat/js/fuzzy.js";

const best = (query, ...names) => names.toSorted((one, other) => fit(query, other) - fit(query, one))[0];

test("a name is found by letters in their order, whatever their case and accents", () => {
  assert.ok(fit("ktc", "Kitchen"));
  assert.ok(fit("cafe", "Café"));
  assert.ok(fit("КУХ", "кухня"));
  assert.ok(fit("厨", "厨房"));
  assert.equal(fit("kz", "Kitchen"), 0);
  assert.equal(fit("nk", "Kitchen"), 0);
  assert.ok(fit("itch", "Kitchen"));
  assert.equal(fit("gard", "Change password"), 0);
});

test("letters in a row and at the beginning of words count more", () => {
  assert.equal(best("gar", "Sugar cane", "Big barn", "Garden"), "Garden");
  assert.equal(best("rg", "Large", "Reading group"), "Reading group");
  assert.equal(best("room", "Room 1234", "Room"), "Room");
});

test("an empty text fits every name", () => {
  assert.equal(fit(" ", "Kitchen"), 1);
});
