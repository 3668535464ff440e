/*
 * A click is what is pressed and released in one place. A patch in between may move or replace what
 * is under the pointer, and then the browser makes no click of it: the visitor pressed a button and
 * nothing happened. So while something to click is pressed, the page stays as it is; what there is
 * to show is shown right after the release. Dragging, as of a slider, holds nothing up.
 */
const CLICKABLE =
  "[data-sp-click], [data-sp-dismiss], [data-sp-by=click], a, button, label, summary, " +
  "[type=submit], [type=image], [type=checkbox], [type=radio]";
/** However long it is pressed: a release outside of the window may go unheard. */
const AT_MOST_MS = 2000;

export class Press {
  #held = false;
  #waits = false;
  #timer = 0;
  readonly #show: () => void;

  constructor(root: Element, show: () => void) {
    this.#show = show;
    root.addEventListener("pointerdown", (event) => this.#press(event as PointerEvent), true);
    // The click comes in the same task as the release.
    for (const end of ["pointerup", "pointercancel"]) {
      addEventListener(end, () => setTimeout(() => this.#release()), true);
    }
  }

  /** Whether the page has to stay as it is; it is shown once it need not. */
  holds(): boolean {
    this.#waits ||= this.#held;
    return this.#held;
  }

  #press({ target, button }: PointerEvent): void {
    if (button !== 0 || !(target as Element).closest(CLICKABLE)) return;
    this.#held = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#release(), AT_MOST_MS);
  }

  #release(): void {
    const waits = this.#waits;
    this.#held = this.#waits = false;
    if (waits) this.#show();
  }
}
