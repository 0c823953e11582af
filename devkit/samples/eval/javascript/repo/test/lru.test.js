import assert from "node:assert/strict";
import { test } from "node:test";

import { Lru } from "../src/lru.js";

test("what was put is there", () => {
  assert.equal(new Lru(2).set("a", 1).get("a"), 1);
});

test("the oldest goes when there is no room", () => {
  const cache = new Lru(2).set("a", 1).set("b", 2).set("c", 3);
  assert.equal(cache.size, 2);
  assert.equal(cache.get("a"), undefined);
});
