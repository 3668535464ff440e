/** Leads the visitor to the first field that a refused form marks as wrong. */
export class FirstFault {
  #form: Element | null = null;

  constructor() {
    const forget = () => (this.#form = null);
    for (const act of ["input", "keydown", "pointerdown"]) addEventListener(act, forget, true);
  }

  /** The messages may be there already or come with the next morph. */
  refused(form: Element): void {
    this.#form = form;
    this.#lead();
  }

  morphed(): void {
    if (this.#lead()) this.#form = null;
  }

  #lead(): HTMLElement | null | undefined {
    const field = this.#form?.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.focus();
    return field;
  }
}
