import { Idiomorph } from "idiomorph";
import { holdFocus } from "./focus.ts";
import type { Identity } from "./identity.ts";
import type { Owned } from "./owned.ts";
import { parseInto } from "./parse.ts";

/** Makes the root's content that of the HTML, around what the visitor has done to it. */
export function morph(root: HTMLElement, html: string, identity: Identity, owned: Owned): void {
  const next = parseInto(root, html);
  const added: Element[] = [];
  const putFocus = holdFocus(root);
  owned.deferred = false;
  identity.tie(root, next);
  try {
    Idiomorph.morph(root, inert(next), { callbacks: callbacks(owned, added) });
  } catch (error) {
    console.error(error);
    root.replaceChildren(...parseInto(root, html).childNodes);
  }
  identity.release(root);
  owned.learn(root);
  putFocus(added);
}

/** Without a parent of its own, idiomorph would take the node into the live document. */
function inert(node: Element): Element {
  node.ownerDocument.createDocumentFragment().append(node);
  return node;
}

function callbacks(owned: Owned, added: Element[]) {
  return {
    beforeNodeMorphed(old: Node, fresh: Node): boolean {
      if (old.isEqualNode(fresh)) return false;
      if (old instanceof Element) owned.decide(old, fresh as Element);
      return true;
    },
    beforeAttributeUpdated: (name: string) => !owned.keeps(name),
    afterNodeAdded(node: Node) {
      if (node instanceof Element) added.push(node);
    },
  };
}
