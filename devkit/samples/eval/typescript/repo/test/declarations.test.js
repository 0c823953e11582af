import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import * as code from "../src/index.js";

const source = await readFile(new URL("../src/index.js", import.meta.url), "utf8");
const declared = await readFile(new URL("../index.d.ts", import.meta.url), "utf8");

test("every export is declared", () => {
  for (const name of Object.keys(code)) {
    assert.match(declared, new RegExp(`export (declare )?(function|const) ${name}\\b`));
  }
});

test("every option that the code reads is declared", () => {
  const read = /const \{([^}]*)\} = options/.exec(source)?.[1] ?? "";
  for (const [, name] of read.matchAll(/(\w+)\s*(?:=[^,]*)?(?:,|$)/g)) {
    assert.match(declared, new RegExp(`\\b${name}\\?:`), name);
  }
});
