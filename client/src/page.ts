import { askOf } from "./address.ts";
import { Events } from "./events.ts";
import { FirstFault } from "./faults.ts";
import type { Control } from "./fields.ts";
import { Identity } from "./identity.ts";
import { hasSetOut, nameWhenLeaving, STILL_HERE_MS } from "./leaving.ts";
import { Mirror } from "./mirror.ts";
import { morph } from "./morph.ts";
import { showLost } from "./notice.ts";
import { Owned } from "./owned.ts";
import { Pending } from "./pending.ts";
import { Press } from "./press.ts";
import type { Address, Field, Settlement, ToClient } from "./protocol.ts";
import { reloadSparingly } from "./reload.ts";
import { Socket } from "./socket.ts";

/** One live page: the root, its text, its socket and what is under way between them. */
export class Page {
  readonly #root: HTMLElement;
  readonly #mirror: Mirror;
  readonly #pending = new Pending();
  readonly #identity = new Identity((ask) => this.#pending.answered(ask));
  readonly #faults = new FirstFault();
  readonly #owned: Owned;
  readonly #press: Press;
  readonly #socket: Socket;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#mirror = new Mirror(root.innerHTML);
    this.#owned = new Owned(root, this.#pending);
    const { page = "", leave = "", socket = "" } = root.dataset;
    this.#socket = new Socket(socket, {
      opened: () => this.#socket.send({ t: "hello", page, hash: this.#mirror.hash }),
      received: (message) => this.#received(message),
      lost: () => this.#lost(),
    });
    this.#press = new Press(root, () => this.#show());
    new Events(root, this);
    root.addEventListener("focusout", () => setTimeout(() => this.#catchUp()));
    nameWhenLeaving(leave);
    addEventListener("pagehide", () => this.#socket.leave());
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  }

  event(carrier: Element, address: Address, data: unknown): void {
    const seq = this.#pending.begin(carrier, askOf(address), false);
    this.#socket.send({ t: "event", seq, ...address, data });
  }

  form(carrier: Element, address: Address, fields: Field[]): void {
    const seq = this.#pending.begin(carrier, askOf(address), true);
    this.#socket.send({ t: "form", seq, ...address, fields });
  }

  dismiss(flash: number): void {
    this.#socket.send({ t: "dismiss", flash });
  }

  touched(control: Control): void {
    this.#owned.touch(control);
  }

  #received(message: ToClient): void {
    switch (message.t) {
      case "full":
        this.#mirror.full(message.html);
        return this.#show(message.title);
      case "patch":
        return this.#patch(message);
      case "settled":
        return this.#settled(message.seq, message.settlement);
      case "gone":
        return this.#gone();
      default: // A ping: to be sent back.
        return this.#socket.send(message);
      case "bye":
        this.#socket.leave();
        this.#lost();
    }
  }

  #patch({ ops, hash, title }: ToClient & { t: "patch" }): void {
    const outcome = this.#mirror.patch(ops, hash);
    if (outcome === "applied") this.#show(title);
    if (outcome === "astray") this.#socket.send({ t: "resync" });
  }

  #show(title?: string): void {
    if (title !== undefined) document.title = title;
    if (this.#press.holds()) return;
    morph(this.#root, this.#mirror.text, this.#identity, this.#owned);
    this.#faults.morphed();
  }

  #settled(seq: number, settlement: Settlement): void {
    const sent = this.#pending.settle(seq, settlement);
    if (!sent) return;
    this.#owned.heard(sent, settlement === "handled");
    this.#catchUp();
    const form = sent.carrier;
    if (settlement === "refused" && form.matches("form")) this.#faults.refused(form);
  }

  /** Shows what the server said of fields that were the visitor's until now. */
  #catchUp(): void {
    if (this.#owned.deferred) this.#show();
  }

  /**
   * A page whose socket came late may be gone because the visitor goes on to another one: to reload
   * would call that off, and what they clicked would have no effect.
   */
  #gone(): void {
    this.#socket.leave();
    if (hasSetOut()) setTimeout(() => this.#lost(), STILL_HERE_MS);
    else if (!reloadSparingly()) this.#lost();
  }

  #lost(): void {
    for (const sent of this.#pending.abandon()) this.#owned.heard(sent, false);
    showLost();
  }
}
