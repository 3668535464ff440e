import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../../../../client/src/pace.ts";

const [one, other] = [{} as Element, {} as Element];

test("the first at once, then the newest of every pause", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const [pace, ran] = [new Pace(), [] as string[]];
  const run = (...names: string[]) => {
    for (const name of names) pace.run(one, () => ran.push(name));
  };
  run("a", "b", "c");
  assert.deepEqual(ran, ["a"]);
  context.mock.timers.tick(50);
  assert.deepEqual(ran, ["a", "c"]);
  run("d");
  assert.deepEqual(ran, ["a", "c"]);
  context.mock.timers.tick(50);
  context.mock.timers.tick(50);
  run("e");
  assert.deepEqual(ran, ["a", "c", "d", "e"]);
});

test("what waits for one element is not replaced by another's, nor run twice", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const [pace, ran] = [new Pace(), [] as string[]];
  pace.run(one, () => ran.push("a"));
  pace.run(one, () => ran.push("b"));
  pace.run(other, () => ran.push("c"));
  assert.deepEqual(ran, ["a", "b"]);
  pace.flush();
  pace.flush();
  context.mock.timers.tick(500);
  assert.deepEqual(ran, ["a", "b", "c"]);
});
