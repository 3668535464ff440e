import { addressOf } from "./address.ts";
import { type Control, controlFields, formFields, isControl } from "./fields.ts";
import { Pace } from "./pace.ts";
import { placeOn } from "./place.ts";
import type { Address, Field } from "./protocol.ts";

/** Where the visitor's events go. */
export interface Outlet {
  event(carrier: Element, address: Address, data: unknown): void;
  form(carrier: Element, address: Address, fields: Field[]): void;
  dismiss(flash: number): void;
  touched(control: Control): void;
}

/** Listens on the root alone, so that what a morph inserts needs no listener. */
export class Events {
  readonly #root: Element;
  readonly #outlet: Outlet;
  readonly #pace = new Pace();
  /** What an input method has just finished in: some browsers tell of it once more. */
  #composed: EventTarget | null = null;

  constructor(root: HTMLElement, outlet: Outlet) {
    this.#root = root;
    this.#outlet = outlet;
    root.addEventListener("submit", (event) => this.#submit(event));
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("contextmenu", (event) => this.#point(event));
    root.addEventListener("pointermove", (event) => this.#point(event));
    root.addEventListener("keydown", (event) => this.#keydown(event));
    root.addEventListener("input", (event) => this.#input(event as InputEvent));
    root.addEventListener("compositionend", (event) => this.#composition(event));
  }

  #submit(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    const name = form.getAttribute("data-sp-submit");
    if (name === null || event.defaultPrevented) return;
    event.preventDefault();
    this.#pace.flush();
    this.#outlet.form(form, addressOf(form, name), formFields(form, event.submitter));
  }

  #click(event: MouseEvent): void {
    const carrier = this.#carrier(event, "[data-sp-click], [data-sp-dismiss], [data-sp-by=click]");
    if (!carrier || event.defaultPrevented || opensElsewhere(event, carrier)) return;
    if (carrier.matches("[data-sp-by]")) return this.#point(event);
    if (carrier.matches("a, button, input[type=submit], input[type=image]")) event.preventDefault();
    const flash = carrier.getAttribute("data-sp-dismiss");
    if (flash === null) this.#send(carrier, "data-sp-click");
    else this.#outlet.dismiss(Number(flash));
  }

  /** The pointer moves often: of that the newest place is sent, as of what is typed. */
  #point(event: MouseEvent): void {
    const carrier = this.#carrier(event, `[data-sp-by=${event.type}]`);
    if (!carrier || event.defaultPrevented) return;
    const address = addressOf(carrier, carrier.getAttribute("data-sp-pointed")!);
    const place = placeOn(carrier, event);
    this.#pace.run(carrier, () => this.#outlet.form(carrier, address, place));
    if (event.type === "pointermove") return;
    this.#pace.flush();
    if (event.type === "contextmenu") event.preventDefault();
  }

  #keydown(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    const selector = `[data-sp-pressed][data-sp-key="${CSS.escape(event.key)}"]`;
    const carrier = this.#carrier(event, selector);
    if (carrier) this.#send(carrier, "data-sp-pressed");
  }

  #input(event: InputEvent): void {
    this.#typed(event, !event.isComposing && event.target !== this.#composed);
  }

  #composition(event: Event): void {
    this.#composed = event.target;
    setTimeout(() => (this.#composed = null));
    this.#typed(event, true);
  }

  #typed(event: Event, finished: boolean): void {
    const control = event.target as Element;
    if (!isControl(control)) return;
    this.#outlet.touched(control);
    const carrier = this.#carrier(event, "[data-sp-typed]");
    if (!carrier || !finished) return;
    const address = addressOf(carrier, carrier.getAttribute("data-sp-typed")!);
    this.#pace.run(carrier, () => {
      const all = carrier instanceof HTMLFormElement;
      this.#outlet.form(
        all ? carrier : control,
        address,
        all ? formFields(carrier) : controlFields(control),
      );
    });
  }

  #send(carrier: Element, attribute: string): void {
    this.#pace.flush();
    const data: unknown = JSON.parse(carrier.getAttribute("data-sp-value") ?? "{}");
    this.#outlet.event(carrier, addressOf(carrier, carrier.getAttribute(attribute)!), data);
  }

  #carrier(event: Event, selector: string): Element | null {
    const carrier = (event.target as Element).closest(selector);
    return carrier && this.#root.contains(carrier) ? carrier : null;
  }
}

function opensElsewhere(event: MouseEvent, carrier: Element): boolean {
  const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  return modified && carrier.matches("a[href]");
}
