interface Policy {
  createHTML(html: string): string;
}

declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
  }
}

const rules: Policy = { createHTML: (html) => html };
const policy = window.trustedTypes?.createPolicy("spindle", rules) ?? rules;

/** Parses a whole document: nothing of it is run, or loaded. */
export function parseDocument(html: string): Document {
  return new DOMParser().parseFromString(policy.createHTML(html), "text/html");
}

/**
 * Parses what the server rendered, and escaped, into a twin of the root. It stays in the document
 * of a <template>, where scripts do not run and images do not load.
 */
export function parseInto(root: Element, html: string): Element {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  const twin = template.content.ownerDocument.importNode(root, false);
  twin.append(template.content);
  return twin;
}
