/*
 * Which form, which field and which button of the new HTML is which one of the page.
 *
 * A morph may pour any <input> into any other, and what was typed for a street would stand in the
 * field for a card number. So before it starts, forms and fields are paired by what they mean, and
 * an id for the time of the morph, the same on both sides, makes idiomorph keep to the pairs. Those
 * of the page that found no partner get an id of their own and are never reused.
 *
 * A form is its event, its spindle's instance and its id; a field is its form, its name and its id.
 * The ask that a form answers counts from the moment the visitor has answered it: asked again by
 * the spindle alone, the form is the same and keeps what is typed; asked again after an answer, it
 * is another form.
 *
 * What sends an event with data is that event, so that the rows of a list move with their buttons
 * and a press does not meet the row that slid into the place. One without a partner may become
 * another: a button that says Pause keeps the focus when it says Play.
 */
import { addressOf, askOf } from "./address.ts";
import { controlsIn, isCheckable } from "./fields.ts";
import { type Key, keyOf, Pairs } from "./pairs.ts";

const MARK = "sp:";

export class Identity {
  readonly #answered: (ask: string) => boolean;
  /** The ask that a form was last for: its attribute goes when the ask is answered. */
  readonly #asks = new WeakMap<Element, string>();

  constructor(answered: (ask: string) => boolean) {
    this.#answered = answered;
  }

  /** Gives elements that must find each other a common id, until `release`. */
  tie(root: Element, next: Element): void {
    const place = placeIn(root, next);
    const forms = this.#pairForms(formsIn(root), formsIn(next), place);
    const others = pairFields(root, next, forms, place);
    pairSenders(others, root, next, place);
    const all = new Set([...formsIn(root), ...controlsIn(root), ...others.keys()]);
    for (const [index, old] of [...all].entries()) {
      bind(MARK + index, old, forms.get(old) ?? others.get(old));
    }
  }

  release(root: Element): void {
    for (const element of root.querySelectorAll(`[id^="${MARK}"]`)) element.removeAttribute("id");
  }

  #pairForms(olds: Element[], news: Element[], place: Key): Pairs {
    const meaning = (form: Element) =>
      keyOf(form.getAttribute("data-sp-submit"), form.getAttribute("action"), place(form));
    const addressee = (form: Element) => keyOf(meaning(form), instanceOf(form), this.#askOf(form));
    return new Pairs()
      .match(olds, news, addressee)
      .match(olds, news, meaning, (old, fresh) => this.#mayBecome(old, fresh));
  }

  #mayBecome(old: Element, fresh: Element): boolean {
    const [from, to] = [instanceOf(old), instanceOf(fresh)];
    if (from !== to && from !== null && to !== null) return false;
    const was = this.#askOf(old);
    return was === null || this.#askOf(fresh) === null || !this.#answered(was);
  }

  #askOf(form: Element): string | null {
    const ask = askOf(addressOf(form, form.getAttribute("data-sp-submit") ?? ""));
    if (ask !== null) this.#asks.set(form, ask);
    return ask ?? this.#asks.get(form) ?? null;
  }
}

function pairFields(root: Element, next: Element, forms: Pairs, place: Key): Pairs {
  const numbers = new Map<Element | null, string>();
  let count = 0;
  for (const pair of forms) {
    count++;
    for (const form of pair) numbers.set(form, `${count}`);
  }
  return new Pairs().match(controlsIn(root), controlsIn(next), (field) => {
    const form = formOf(field, root.contains(field) ? root : next);
    if (form && !numbers.has(form)) return null;
    return keyOf(
      numbers.get(form) ?? field.getAttribute("data-sp-typed"),
      field.localName,
      field.getAttribute("name"),
      isCheckable(field) ? field.value : null,
      place(field),
    );
  });
}

function pairSenders(pairs: Pairs, root: Element, next: Element, place: Key): void {
  const senders = (tree: Element) => [...tree.querySelectorAll("[data-sp-click]")];
  pairs.match(senders(root), senders(next), (sender) =>
    keyOf(
      sender.getAttribute("data-sp-click"),
      sender.getAttribute("data-sp-value"),
      instanceOf(sender),
      place(sender),
    ),
  );
}

/** Its own id, or else the nearest id around it: rows with ids keep their fields apart. */
function placeIn(...trees: Element[]): Key {
  return (element) => {
    const id = element.getAttribute("id");
    if (id) return `#${id}`;
    const around = element.parentElement?.closest("[id]");
    return around && !trees.includes(around) ? around.getAttribute("id") : null;
  };
}

/** A field's `form` property knows nothing of the attribute outside of a document. */
function formOf(field: Element, tree: ParentNode): Element | null {
  const id = field.getAttribute("form");
  return id === null ? field.closest("form") : tree.querySelector(`form[id="${CSS.escape(id)}"]`);
}

function instanceOf(carrier: Element): string | null {
  return carrier.getAttribute("data-sp-instance");
}

function formsIn(tree: ParentNode): Element[] {
  return [...tree.querySelectorAll("form")];
}

function bind(mark: string, old: Element, fresh: Element | undefined): void {
  if (fresh && old.getAttribute("id")) return;
  old.setAttribute("id", mark);
  fresh?.setAttribute("id", mark);
}
