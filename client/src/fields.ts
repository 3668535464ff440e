import type { Field } from "./protocol.ts";

/** What the visitor types, ticks or picks into, as opposed to buttons and hidden values. */
export type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const STATELESS = new Set(["hidden", "submit", "button", "reset", "image", "file"]);

export function isControl(node: Node): node is Control {
  if (node instanceof HTMLInputElement) return !STATELESS.has(node.type);
  return node instanceof HTMLTextAreaElement || node instanceof HTMLSelectElement;
}

export function isCheckable(node: Node): node is HTMLInputElement {
  return node instanceof HTMLInputElement && (node.type === "checkbox" || node.type === "radio");
}

export function controlsIn(tree: ParentNode): Control[] {
  return [...tree.querySelectorAll("input, textarea, select")].filter(isControl);
}

/** The pairs of a form in document order; files are left out. */
export function textPairs(data: FormData): Field[] {
  return [...data].filter((pair): pair is Field => typeof pair[1] === "string");
}

export function formFields(form: HTMLFormElement, submitter: HTMLElement | null = null): Field[] {
  return textPairs(new FormData(form, submitter));
}

/** What this one control would add to its form's fields. */
export function controlFields(control: Control): Field[] {
  return valuesOf(control).map((value) => [control.name, value]);
}

/** The control's state as one string, to see whether it has changed. */
export function stateOf(control: Control): string {
  return JSON.stringify(valuesOf(control));
}

function valuesOf(control: Control): string[] {
  if (isCheckable(control)) return control.checked ? [control.value] : [];
  if (control instanceof HTMLSelectElement) {
    return [...control.selectedOptions].map((option) => option.value);
  }
  return [control.value];
}
