import assert from "node:assert/strict";

import { Lru } from "./src/lru.js";

let cache = new Lru(2).set("a", 1).set("b", 2);
assert.equal(cache.get("a"), 1);
cache.set("c", 3);
assert.equal(cache.get("a"), 1, "a was read last but one");
assert.equal(cache.get("b"), undefined);

cache = new Lru(2).set("a", 1).set("b", 2).set("a", 9).set("c", 3);
assert.equal(cache.get("a"), 9, "writing is using too");
assert.equal(cache.size, 2);

cache = new Lru(2).set("u", undefined).set("b", 2);
cache.get("u");
cache.get("nothing");
cache.set("c", 3);
assert.equal(cache.size, 2);
cache.set("d", 4);
assert.equal(cache.get("b"), undefined);
console.log("all hold");
