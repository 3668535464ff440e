/*
 * What the visitor put into the page and the server's HTML must not take away.
 *
 * A field follows the server when the server's word on it changes and the visitor has nothing in it
 * that the server has not heard. Until then, and while the visitor is in it, the field keeps what
 * it shows and so does the attribute it came with: the difference is seen again by the next morph.
 */
import { type Control, controlsIn, isCheckable, isControl, stateOf } from "./fields.ts";
import { PENDING_ATTRIBUTES, type Pending, type Sent } from "./pending.ts";

export class Owned {
  /** A change of the server's waits for the visitor to leave a field, or for an answer. */
  deferred = false;

  readonly #pending: Pending;
  readonly #unheard = new WeakSet<Control>();
  /** Whether the server's HTML had this <details> or <dialog> open. */
  readonly #opened = new WeakMap<Element, boolean>();
  #kept = new Set<string>();

  constructor(root: Element, pending: Pending) {
    this.#pending = pending;
    for (const control of controlsIn(root)) if (differs(control)) this.touch(control);
    this.learn(root);
  }

  touch(control: Control): void {
    this.#unheard.add(control);
  }

  heard({ carrier, told, taken }: Sent, handled: boolean): void {
    for (const [control, state] of told) {
      if (stateOf(control) === state) this.#unheard.delete(control);
    }
    if (isCheckable(carrier)) this.#showBoxes();
    for (const { control, value, checked, empty } of taken) {
      const untouched = stateOf(control) === empty;
      if (untouched) this.#unheard.delete(control);
      if (handled) continue;
      if (isCheckable(control)) control.checked ||= checked;
      else if (untouched) control.value = value;
      else if (!(control instanceof HTMLSelectElement)) control.value = value + control.value;
    }
  }

  /** A box that sends a click shows what the server says, whatever became of the click. */
  #showBoxes(): void {
    for (const box of document.querySelectorAll<HTMLInputElement>("input[data-sp-click]")) {
      if (!this.#pending.holds(box)) box.checked = box.defaultChecked;
    }
  }

  /** Notes what the server says of elements that were not there before. */
  learn(root: Element): void {
    for (const element of root.querySelectorAll("details, dialog")) {
      if (!this.#opened.has(element)) this.#opened.set(element, element.hasAttribute("open"));
    }
  }

  /** Decides what `old` keeps, before its attributes are taken from `fresh`. */
  decide(old: Element, fresh: Element): void {
    this.#kept = new Set(PENDING_ATTRIBUTES.filter(() => this.#pending.holds(old)));
    if (old.matches("details, dialog")) {
      const open = fresh.hasAttribute("open");
      if (this.#opened.get(old) === open) this.#kept.add("open");
      this.#opened.set(old, open);
    } else if (old instanceof HTMLOptionElement) {
      this.#decideOption(old, fresh);
    } else if (isCheckable(old)) {
      const same = old.hasAttribute("checked") === fresh.hasAttribute("checked");
      this.#keep("checked", same, this.#unheard.has(old));
    } else if (isControl(old) && !(old instanceof HTMLSelectElement)) {
      const same = serverValue(old) === serverValue(fresh);
      this.#keep("value", same, isFocused(old) || this.#unheard.has(old));
      if (this.keeps("value") && old instanceof HTMLTextAreaElement) {
        fresh.textContent = old.textContent;
      }
    }
  }

  keeps(attribute: string): boolean {
    return this.#kept.has(attribute);
  }

  #decideOption(old: HTMLOptionElement, fresh: Element): void {
    const select = old.closest("select");
    const same = old.hasAttribute("selected") === fresh.hasAttribute("selected");
    this.#keep("selected", same, !!select && (isFocused(select) || this.#unheard.has(select)));
  }

  #keep(attribute: string, same: boolean, visitors: boolean): void {
    if (same || visitors) this.#kept.add(attribute);
    if (!same && visitors) this.deferred = true;
  }
}

/** Filled in before this script ran: typed early, or brought back by the browser. */
function differs(control: Control): boolean {
  if (isCheckable(control)) return control.checked !== control.defaultChecked;
  if (control instanceof HTMLSelectElement) return false;
  return control.value !== control.defaultValue;
}

function serverValue(control: Element): string | null {
  return control instanceof HTMLTextAreaElement
    ? control.textContent
    : control.getAttribute("value");
}

function isFocused(element: Element): boolean {
  return element === document.activeElement;
}
