/*
 * The way back to a durable page whose connection was lost.
 *
 * The page is still there, or is there again once its server is. Its document is fetched anew, for
 * the tokens that open a socket; the document that is shown stays, and with it what the visitor has
 * typed. A server that is away, or says that it is busy, is asked again and again.
 */
import { parseDocument } from "./parse.ts";

const LONGEST_MS = 5000;
/** A connection that has stood for so long was no failed attempt. */
const STEADY_MS = 2000;
/** Not there just now: the server itself, a proxy before it, too many visitors. */
const PASSING = [429, 502, 503, 504];

export interface Outcomes {
  /** The page is there: its root, and the title of its document. */
  found(root: HTMLElement, title: string): void;
  /** It will not be there by waiting. */
  gone(): void;
}

export class Comeback {
  readonly #outcomes: Outcomes;
  #attempts = 0;
  #timer = 0;
  #underWay = false;
  #over = false;

  constructor(outcomes: Outcomes) {
    this.#outcomes = outcomes;
    addEventListener("online", () => this.#timer && this.now());
  }

  /** Tries soon, and later each time that it fails. */
  begin(): void {
    clearTimeout(this.#timer);
    const longest = Math.min(LONGEST_MS, 250 * 2 ** this.#attempts++);
    // Not all visitors at the same moment: they have all lost the same server.
    this.#timer = setTimeout(() => this.now(), longest * (0.5 + Math.random() / 2));
  }

  /** Tries at once. */
  now(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.#underWay && !this.#over) void this.#try();
  }

  /** The connection stands. */
  succeeded(): void {
    const attempts = this.#attempts;
    setTimeout(() => this.#attempts === attempts && (this.#attempts = 0), STEADY_MS);
  }

  /** Tries no more: the document is being left. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  async #try(): Promise<void> {
    this.#underWay = true;
    let status = 503;
    let html = "";
    try {
      const response = await fetch(location.href, { cache: "no-store" });
      status = response.status;
      html = await response.text();
    } catch {
      status = 503; // Nobody there.
    }
    this.#underWay = false;
    if (this.#over) return;
    if (PASSING.includes(status)) this.begin();
    else if (status === 200) this.#read(parseDocument(html));
    else this.#outcomes.gone();
  }

  #read(fresh: Document): void {
    const root = fresh.getElementById("spindle");
    if (!root) this.#outcomes.gone();
    else if (scriptOf(fresh) !== scriptOf(document)) location.reload();
    else this.#outcomes.found(root, fresh.title);
  }
}

/** A newer server has a newer script, which this one need not understand. */
function scriptOf(from: Document): string | null | undefined {
  return from.querySelector("script[src]")?.getAttribute("src");
}
