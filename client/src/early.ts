/*
 * What the visitor does before the page stands.
 *
 * This script runs before anything of the document can be seen, but a long document may be seen, and
 * clicked, before all of it has come. Without the page a click on a button would have no effect, and
 * a form would be posted to a server that takes none. So it is kept, and done once more when the
 * page listens.
 */
const SENDERS = {
  click: "[data-sp-click], [data-sp-dismiss], [data-sp-by=click]",
  submit: "[data-sp-submit]",
  keydown: "[data-sp-pressed]",
  input: "[data-sp-typed]",
};

type Kind = new (type: string, init: Event) => Event;

/** Keeps what is done from now on, until the result is called: that does it again. */
export function keepEarly(): () => void {
  const kept: (() => void)[] = [];
  const stop = new AbortController();
  for (const [type, senders] of Object.entries(SENDERS)) {
    const keep = (event: Event) => {
      const { target } = event;
      if (!(target instanceof Element && target.closest(senders))) return;
      if (type === "click" || type === "submit") {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
      kept.push(() => target.dispatchEvent(new (event.constructor as Kind)(type, event)));
    };
    addEventListener(type, keep, { capture: true, signal: stop.signal });
  }
  return () => {
    stop.abort();
    for (const again of kept) again();
  };
}
