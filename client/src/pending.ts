import { type Control, controlsIn, isCheckable, isControl, stateOf } from "./fields.ts";
import type { Done, Settlement } from "./protocol.ts";

/** Attributes that belong to the client and that a morph leaves alone. */
export const PENDING_ATTRIBUTES = ["aria-busy", "data-sp-pending"];

export interface Sent {
  carrier: Element;
  ask: string | null;
  /** What the event told the server about the visitor's controls. */
  told: Map<Control, string>;
  /** What was in a form that is emptied when it is sent. */
  taken: Taken[];
  /** As it was sent, or is to be. */
  frame?: Done;
  /** By which connection; none yet if undefined. */
  by?: unknown;
  /** How often it was sent. */
  times: number;
}

/** A control as it was, and its state when it was emptied. */
interface Taken {
  control: Control;
  value: string;
  checked: boolean;
  empty: string;
}

/** The events that the server has not settled yet, and the asks that have been answered. */
export class Pending {
  #seq = 0;
  readonly #open = new Map<number, Sent>();
  readonly #answered = new Set<string>();

  begin(carrier: Element, ask: string | null, tells: boolean): number {
    const told = new Map<Control, string>();
    // A box that sends a click tells of itself by that.
    if (tells || isControl(carrier)) {
      for (const control of toldBy(carrier)) told.set(control, stateOf(control));
    }
    const taken = carrier.matches("[data-sp-reset]") ? take(carrier as HTMLFormElement, told) : [];
    this.#open.set(++this.#seq, { carrier, ask, told, taken, times: 0 });
    mark(carrier, true);
    return this.#seq;
  }

  settle(seq: number, settlement: Settlement): Sent | undefined {
    const sent = this.#open.get(seq);
    if (!sent) return undefined;
    this.#open.delete(seq);
    if (sent.ask && settlement === "handled") this.#answered.add(sent.ask);
    if (!this.holds(sent.carrier)) mark(sent.carrier, false);
    return sent;
  }

  /** Notes what was sent of an event, and by which connection, if by any. */
  sent(frame: Done, by: unknown): void {
    const sent = this.#open.get(frame.seq)!;
    sent.frame = frame;
    if (by === undefined) return;
    sent.by = by;
    sent.times++;
  }

  /** What another connection has to bring, or cannot. */
  notBy(connection: unknown): Sent[] {
    return [...this.#open.values()].filter(({ by }) => by !== connection);
  }

  /** Nothing will be settled any more: the connection is lost. */
  abandon(): Sent[] {
    const left = [...this.#open.values()];
    for (const { carrier } of left) mark(carrier, false);
    this.#open.clear();
    return left;
  }

  holds(element: Element): boolean {
    return [...this.#open.values()].some(({ carrier }) => carrier === element);
  }

  /** Whether the visitor has answered this ask, as far as the client knows. */
  answered(ask: string): boolean {
    return this.#answered.has(ask) || [...this.#open.values()].some((sent) => sent.ask === ask);
  }
}

function take(form: HTMLFormElement, told: Map<Control, string>): Taken[] {
  const before = [...told.keys()].map((control) => {
    return { control, value: control.value, checked: isCheckable(control) && control.checked };
  });
  form.reset();
  return before.map((each) => ({ ...each, empty: stateOf(each.control) }));
}

function toldBy(carrier: Element): Control[] {
  if (isControl(carrier)) return [carrier];
  return controlsIn(document).filter((control) => control.form === carrier);
}

function mark(carrier: Element, on: boolean): void {
  carrier.toggleAttribute("data-sp-pending", on);
  if (!(carrier instanceof HTMLFormElement)) return;
  if (on) carrier.setAttribute("aria-busy", "true");
  else carrier.removeAttribute("aria-busy");
}
