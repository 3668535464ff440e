import assert from "node:assert/strict";
import { test } from "node:test";
import { Mirror } from "../../../../client/src/mirror.ts";
import { crc32 } from "../../../../client/src/text.ts";

test("a patch with the right hash becomes the text", () => {
  const mirror = new Mirror("one");
  assert.equal(mirror.hash, crc32("one"));
  assert.equal(mirror.patch(["two"], crc32("two")), "applied");
  assert.equal(mirror.text, "two");
});

test("after a wrong hash nothing counts but the full text", () => {
  const mirror = new Mirror("one");
  assert.equal(mirror.patch(["two"], 1), "astray");
  assert.equal(mirror.text, "one");
  assert.equal(mirror.patch(["three"], crc32("three")), undefined);
  mirror.full("four");
  assert.equal(mirror.patch([[0, 4], "teen"], crc32("fourteen")), "applied");
  assert.equal(mirror.text, "fourteen");
});
