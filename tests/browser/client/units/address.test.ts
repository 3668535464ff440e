import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, askOf } from "../../../../client/src/address.ts";

function element(attributes: Record<string, string>): Element {
  return { getAttribute: (name: string) => attributes[name] ?? null } as Element;
}

test("what is absent on the element is absent in the frame", () => {
  assert.deepEqual(addressOf(element({}), "A.B"), { name: "A.B" });
  assert.deepEqual(
    addressOf(element({ "data-sp-to": "3", "data-sp-instance": "" }), "A.B"),
    { name: "A.B", to: 3, instance: "" },
  );
});

test("an ask is a spindle's: its block, its instance and its number", () => {
  assert.equal(askOf({ name: "A.B" }), null);
  assert.equal(askOf({ name: "A.B", to: 0 }), null);
  assert.equal(askOf({ name: "A.B", to: 3 }), askOf({ name: "A.C", to: 3 }));
  assert.notEqual(askOf({ name: "A.B", to: 3 }), askOf({ name: "A.B", to: 4 }));
  assert.notEqual(askOf({ name: "A.B", to: 3 }), askOf({ name: "C.B", to: 3 }));
  assert.notEqual(askOf({ name: "A.B", to: 3 }), askOf({ name: "A.B", to: 3, instance: "x" }));
});
