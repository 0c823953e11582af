import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { slug } from "./src/index.js";

assert.equal(slug("one two three", { max: 7 }), "one-two");
assert.equal(slug("one two three", { max: 8 }), "one-two");
assert.equal(slug("one two three", { max: 6 }), "one");
assert.equal(slug("one two three", { max: 13 }), "one-two-three");
assert.equal(slug("one two three"), "one-two-three");
assert.equal(slug("wonderful", { max: 4 }), "wond", "a first word that is too long is cut");
assert.equal(slug("one two", { max: 7, separator: "__" }), "one");
assert.equal(slug("one two", { max: 8, separator: "__" }), "one__two");
assert.equal(slug("", { max: 3 }), "");
assert.match(await readFile("index.d.ts", "utf8"), /\bmax\?:\s*number/);
console.log("all hold");
