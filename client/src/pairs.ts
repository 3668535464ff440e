/** What an element is matched by; null matches nothing. */
export type Key = (element: Element) => string | null;

export function keyOf(...parts: (string | null)[]): string {
  return JSON.stringify(parts);
}

/** Elements of the page with their counterparts in the new HTML; equal keys pair up in order. */
export class Pairs {
  readonly #counterparts = new Map<Element, Element>();
  readonly #taken = new Set<Element>();

  match(
    olds: Iterable<Element>,
    news: Iterable<Element>,
    key: Key,
    may: (old: Element, fresh: Element) => boolean = () => true,
  ): this {
    const waiting = new Map<string | null, Element[]>();
    for (const fresh of news) {
      if (this.#taken.has(fresh)) continue;
      const queue = waiting.get(key(fresh));
      if (queue) queue.push(fresh);
      else waiting.set(key(fresh), [fresh]);
    }
    waiting.delete(null);
    for (const old of olds) {
      const fresh = this.of(old) ? undefined : waiting.get(key(old))?.[0];
      if (!fresh || !may(old, fresh)) continue;
      waiting.get(key(old))!.shift();
      this.#counterparts.set(old, fresh);
      this.#taken.add(fresh);
    }
    return this;
  }

  of(old: Element): Element | undefined {
    return this.#counterparts.get(old);
  }

  [Symbol.iterator](): IterableIterator<[Element, Element]> {
    return this.#counterparts.entries();
  }
}
