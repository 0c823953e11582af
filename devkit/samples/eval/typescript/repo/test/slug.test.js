import assert from "node:assert/strict";
import { test } from "node:test";

import { slug } from "../src/index.js";

test("words are joined and accents taken off", () => {
  assert.equal(slug("Crème Brûlée!"), "creme-brulee");
});

test("the separator can be chosen", () => {
  assert.equal(slug("one two", { separator: "_" }), "one_two");
});
