import type { Op } from "./protocol.ts";
import { crc32, patched } from "./text.ts";

/** The root's HTML as the server last sent it: the base of its next patch. */
export class Mirror {
  #text: string;
  #astray = false;

  constructor(text: string) {
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  get hash(): number {
    return crc32(this.#text);
  }

  full(html: string): void {
    this.#text = html;
    this.#astray = false;
  }

  /**
   * Takes the patch over if the outcome has the hash that it should have. Undefined: an earlier one
   * had not, so this one's base is not ours either, and the full text is on its way.
   */
  patch(ops: readonly Op[], hash: number): "applied" | "astray" | undefined {
    if (this.#astray) return undefined;
    const text = patched(this.#text, ops);
    if (crc32(text) !== hash) {
      this.#astray = true;
      return "astray";
    }
    this.#text = text;
    return "applied";
  }
}
