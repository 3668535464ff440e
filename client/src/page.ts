import { askOf } from "./address.ts";
import { Comeback } from "./comeback.ts";
import { Events } from "./events.ts";
import { FirstFault } from "./faults.ts";
import type { Control } from "./fields.ts";
import { Identity } from "./identity.ts";
import { hasSetOut, nameWhenLeaving, STILL_HERE_MS } from "./leaving.ts";
import { Mirror } from "./mirror.ts";
import { morph } from "./morph.ts";
import { say, sayNoMore, showLost } from "./notice.ts";
import { Owned } from "./owned.ts";
import { Pending } from "./pending.ts";
import { Press } from "./press.ts";
import type { Address, Done, Field, Settlement, ToClient } from "./protocol.ts";
import { reloadSparingly } from "./reload.ts";
import { Socket } from "./socket.ts";

/** A connection that comes back sooner need not be spoken of. */
const UNNOTICED_MS = 1000;

/** One live page: the root, its text, its socket and what is under way between them. */
export class Page {
  readonly #root: HTMLElement;
  readonly #mirror: Mirror;
  readonly #pending = new Pending();
  readonly #identity = new Identity((ask) => this.#pending.answered(ask));
  readonly #faults = new FirstFault();
  readonly #owned: Owned;
  readonly #press: Press;
  readonly #comeback: Comeback | null;
  #socket: Socket;
  #lostSince = 0;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#mirror = new Mirror(root.innerHTML);
    this.#owned = new Owned(root, this.#pending);
    this.#comeback = root.dataset.lasting === undefined ? null : this.#waysBack();
    this.#socket = this.#connect(root.dataset);
    this.#press = new Press(root, () => this.#show());
    new Events(root, this);
    root.addEventListener("focusout", () => setTimeout(() => this.#catchUp()));
    if (!this.#comeback) nameWhenLeaving(root.dataset.leave ?? "");
    addEventListener("pagehide", () => {
      this.#comeback?.end();
      this.#socket.leave();
    });
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  }

  event(carrier: Element, address: Address, data: unknown): void {
    const seq = this.#pending.begin(carrier, askOf(address), false);
    this.#deliver({ t: "event", seq, ...address, data });
  }

  form(carrier: Element, address: Address, fields: Field[]): void {
    const seq = this.#pending.begin(carrier, askOf(address), true);
    this.#deliver({ t: "form", seq, ...address, fields });
  }

  dismiss(flash: number): void {
    this.#socket.send({ t: "dismiss", flash });
  }

  touched(control: Control): void {
    this.#owned.touch(control);
  }

  #deliver(frame: Done): void {
    this.#pending.sent(frame, this.#socket.send(frame) ? this.#socket : undefined);
  }

  #connect({ page = "", socket = "" }: DOMStringMap): Socket {
    return new Socket(socket, {
      opened: (opened) => {
        opened.send({ t: "hello", page, hash: this.#mirror.hash });
        if (this.#comeback) this.#resend(opened);
      },
      received: (message) => this.#received(message),
      lost: () => this.#lost(),
    });
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
      case "elsewhere":
        return this.#elsewhere();
      default: // A ping: to be sent back.
        this.#socket.send(message);
        return;
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
    // Sent again, it may have been refused because it was handled the first time.
    this.#owned.heard(sent, settlement === "handled" || sent.times > 1);
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
    if (this.#comeback) this.#lost();
    else if (hasSetOut()) setTimeout(() => this.#lost(), STILL_HERE_MS);
    else if (!reloadSparingly()) this.#lost();
  }

  #lost(): void {
    if (!this.#comeback) return this.#abandon();
    this.#lostSince ||= Date.now();
    setTimeout(() => this.#sayLost(), UNNOTICED_MS);
    this.#comeback.begin();
  }

  #sayLost(): void {
    if (!this.#lostSince || Date.now() < this.#lostSince + UNNOTICED_MS) return;
    say("Connection lost. It is being restored.", "Reload", () => location.reload());
  }

  #abandon(): void {
    this.#lostSince = 0;
    for (const sent of this.#pending.abandon()) this.#owned.heard(sent, false);
    showLost();
  }

  #elsewhere(): void {
    this.#socket.leave();
    for (const sent of this.#pending.abandon()) this.#owned.heard(sent, false);
    say("This page is open elsewhere.", "Use it here", () => this.#comeback?.now());
  }

  /** Of a durable page: how it goes on when its connection was lost. */
  #waysBack(): Comeback {
    return new Comeback({
      found: (root, title) => {
        this.#mirror.full(root.innerHTML);
        this.#show(title);
        this.#socket = this.#connect(root.dataset);
      },
      gone: () => this.#abandon(),
    });
  }

  /**
   * What was not settled when the last connection was lost. An answer may be sent again: the server
   * takes one for each question. Of anything else, once sent, nobody knows whether it was taken.
   */
  #resend(by: Socket): void {
    this.#lostSince = 0;
    sayNoMore();
    this.#comeback!.succeeded();
    for (const { frame, times } of this.#pending.notBy(by)) {
      if (!frame) continue;
      if (times === 0 || (times === 1 && frame.to !== undefined)) {
        by.send(frame);
        this.#pending.sent(frame, by);
      } else {
        this.#settled(frame.seq, "dead-lettered");
        say("The connection was lost. Please check what was done last.", "Close", sayNoMore);
      }
    }
  }
}
