import assert from "node:assert/strict";
import { test } from "node:test";
import { Pairs } from "../../../../client/src/pairs.ts";

type Named = Element & { name: string };

function elements(...names: string[]): Named[] {
  return names.map((name) => ({ name }) as Named);
}

const name = (element: Element) => (element as Named).name || null;

test("equal keys pair up in order, and nothing else does", () => {
  const olds = elements("a", "b", "b", "c");
  const news = elements("b", "a", "d", "b", "b");
  const pairs = new Pairs().match(olds, news, name);
  assert.deepEqual(
    olds.map((old) => news.indexOf(pairs.get(old) as Named)),
    [1, 0, 3, -1],
  );
});

test("an element without a key has no partner", () => {
  const [olds, news] = [elements("", "a"), elements("", "a")];
  assert.equal(new Pairs().match(olds, news, name).get(olds[0]!), undefined);
});

test("a second key pairs only what the first one left, and only if it may", () => {
  const olds = elements("a1", "a2", "b3");
  const news = elements("a2", "a4", "b5");
  const first = (element: Element) => name(element)![0]!;
  const pairs = new Pairs()
    .match(olds, news, name)
    .match(olds, news, first, (old) => name(old) !== "b3");
  assert.deepEqual(
    olds.map((old) => pairs.get(old)),
    [news[1], news[0], undefined],
  );
});
