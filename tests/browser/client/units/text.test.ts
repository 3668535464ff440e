import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 as zlibs } from "node:zlib";
import { crc32, patched } from "../../../../client/src/text.ts";

test("crc32 is zlib's, over UTF-8", () => {
  assert.equal(crc32("123456789"), 0xcbf43926);
  for (const text of ["", "a", "<p>Grüße</p>", "🧵 spindle", "\u0000\uffff", "é".repeat(10_000)]) {
    assert.equal(crc32(text), zlibs(text));
  }
});

test("a patch is literals and stretches of the old text", () => {
  const old = "<p>one</p><p>two</p>";
  assert.equal(patched(old, [[0, 3], "uno", [6, 14]]), "<p>uno</p><p>two</p>");
  assert.equal(patched(old, [[10, 10], [0, 10]]), "<p>two</p><p>one</p>");
  assert.equal(patched(old, ["new"]), "new");
  assert.equal(patched(old, []), "");
  assert.equal(patched("", ["", [0, 0]]), "");
});

test("offsets count UTF-16 units, and a pair may be put together from both texts", () => {
  const old = "a🧵b🧶c";
  assert.equal(patched(old, [[0, 3], "-", [4, 3]]), "a🧵-🧶c");
  // The two share their first unit.
  assert.equal(patched(old, [[0, 2], "\uddf6", [3, 4]]), "a🧶b🧶c");
});
