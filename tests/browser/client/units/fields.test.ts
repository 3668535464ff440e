import assert from "node:assert/strict";
import { test } from "node:test";
import { textPairs } from "../../../../client/src/fields.ts";

test("fields keep their order and their repetitions, files are left out", () => {
  const data = new FormData();
  data.append("tag", "a");
  data.append("picture", new File(["..."], "a.png"));
  data.append("shipping.street", "");
  data.append("tag", "b");
  assert.deepEqual(textPairs(data), [
    ["tag", "a"],
    ["shipping.street", ""],
    ["tag", "b"],
  ]);
});
