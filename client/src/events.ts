import { addressOf } from "./address.ts";
import { type Control, controlFields, formFields, isControl } from "./fields.ts";
import type { Address, Field } from "./protocol.ts";

/** Where the visitor's events go. */
export interface Outlet {
  event(carrier: Element, address: Address, data: unknown): void;
  form(carrier: Element, address: Address, fields: Field[]): void;
  dismiss(flash: number): void;
  touched(control: Control): void;
}

/** Listens on the root alone, so that what a morph inserts needs no listener. */
export function listen(root: HTMLElement, outlet: Outlet): void {
  root.addEventListener("submit", (event) => submitted(event, outlet));
  root.addEventListener("click", (event) => clicked(event, root, outlet));
  root.addEventListener("keydown", (event) => pressed(event, root, outlet));
  root.addEventListener("change", (event) => touch(event, outlet));
  listenToTyping(root, outlet);
}

function submitted(event: SubmitEvent, outlet: Outlet): void {
  const form = event.target as HTMLFormElement;
  const name = form.getAttribute("data-sp-submit");
  if (name === null || event.defaultPrevented) return;
  event.preventDefault();
  outlet.form(form, addressOf(form, name), formFields(form, event.submitter));
}

function clicked(event: MouseEvent, root: Element, outlet: Outlet): void {
  const carrier = carrierOf(event, "[data-sp-click], [data-sp-dismiss]", root);
  if (!carrier || event.defaultPrevented || opensElsewhere(event, carrier)) return;
  if (carrier.matches("a, button, input[type=submit], input[type=image]")) event.preventDefault();
  const flash = carrier.getAttribute("data-sp-dismiss");
  if (flash !== null) outlet.dismiss(Number(flash));
  else send(carrier, "data-sp-click", outlet);
}

function opensElsewhere(event: MouseEvent, carrier: Element): boolean {
  const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  return modified && carrier.matches("a[href]");
}

function pressed(event: KeyboardEvent, root: Element, outlet: Outlet): void {
  if (event.defaultPrevented || event.repeat || event.isComposing) return;
  const selector = `[data-sp-pressed][data-sp-key="${CSS.escape(event.key)}"]`;
  const carrier = carrierOf(event, selector, root);
  if (carrier) send(carrier, "data-sp-pressed", outlet);
}

/** While an input method is at work, its text is not yet what the visitor means. */
function listenToTyping(root: Element, outlet: Outlet): void {
  let composed: EventTarget | null = null;
  root.addEventListener("input", (event) => {
    touch(event, outlet);
    // Some browsers tell of the finished composition once more, in the same task.
    if (!(event as InputEvent).isComposing && event.target !== composed) typed(event, root, outlet);
  });
  root.addEventListener("compositionend", (event) => {
    composed = event.target;
    setTimeout(() => (composed = null));
    typed(event, root, outlet);
  });
}

function typed(event: Event, root: Element, outlet: Outlet): void {
  const carrier = carrierOf(event, "[data-sp-typed]", root);
  const control = event.target as Element;
  if (!carrier || !isControl(control)) return;
  const address = addressOf(carrier, carrier.getAttribute("data-sp-typed")!);
  if (carrier instanceof HTMLFormElement) outlet.form(carrier, address, formFields(carrier));
  else outlet.form(control, address, controlFields(control));
}

function touch(event: Event, outlet: Outlet): void {
  const control = event.target as Element;
  if (isControl(control)) outlet.touched(control);
}

function send(carrier: Element, attribute: string, outlet: Outlet): void {
  const data: unknown = JSON.parse(carrier.getAttribute("data-sp-value") ?? "{}");
  outlet.event(carrier, addressOf(carrier, carrier.getAttribute(attribute)!), data);
}

function carrierOf(event: Event, selector: string, root: Element): Element | null {
  const carrier = (event.target as Element).closest(selector);
  return carrier && root.contains(carrier) ? carrier : null;
}
