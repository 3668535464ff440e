/** What an element is matched by; null matches nothing. */
export type Key = (element: Element) => string | null;

export function keyOf(...parts: (string | null)[]): string {
  return JSON.stringify(parts);
}

/** Elements of the page with their counterparts in the new HTML; equal keys pair up in order. */
export class Pairs extends Map<Element, Element> {
  match(
    olds: Element[],
    news: Element[],
    key: Key,
    may: (old: Element, fresh: Element) => boolean = () => true,
  ): this {
    const taken = new Set(this.values());
    const waiting = new Map<string | null, Element[]>();
    for (const fresh of news) {
      if (taken.has(fresh)) continue;
      const queue = waiting.get(key(fresh));
      if (queue) queue.push(fresh);
      else waiting.set(key(fresh), [fresh]);
    }
    waiting.delete(null);
    for (const old of olds) {
      const queue = waiting.get(key(old));
      if (!this.has(old) && queue?.[0] && may(old, queue[0])) this.set(old, queue.shift()!);
    }
    return this;
  }
}
