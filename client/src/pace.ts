const PAUSE_MS = 50;

/**
 * Runs the first task at once and then the newest one of every pause, so that a slider drawn
 * quickly stays below what a server takes from one visitor.
 */
export class Pace {
  #waiting: (() => void) | null = null;
  #of: Element | null = null;
  #resting = false;

  run(of: Element, task: () => void): void {
    if (of !== this.#of) this.flush();
    this.#of = of;
    this.#waiting = task;
    if (!this.#resting) this.#rest();
  }

  /** Runs what waits, before something that was done after it. */
  flush(): void {
    const task = this.#waiting;
    this.#waiting = null;
    task?.();
  }

  #rest(): void {
    this.#resting = !!this.#waiting;
    this.flush();
    if (this.#resting) setTimeout(() => this.#rest(), PAUSE_MS);
  }
}
