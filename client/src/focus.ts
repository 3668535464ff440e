import { isControl } from "./fields.ts";

const HEADINGS = ':is(h1, h2, h3, h4, h5, h6)[tabindex="-1"]';

/** Remembers where the focus is; the result puts it where a keyboard user can go on. */
export function holdFocus(root: HTMLElement): (added: readonly Element[]) => void {
  const trail = trailTo(document.activeElement, root);
  const active = trail[0];
  return (added) => {
    const lost = active === root || (!!active && !root.contains(document.activeElement));
    if (lost && active !== root && refocus(active)) return;
    const wanted = !lost && active && isControl(active) ? null : autofocus(added);
    if (wanted) wanted.focus();
    else if (lost) moveOn(trail, root);
  };
}

function trailTo(active: Element | null, root: Element): Element[] {
  const trail: Element[] = [];
  if (!root.contains(active)) return trail;
  for (let at = active; at; at = at.parentElement) {
    trail.push(at);
    if (at === root) break;
  }
  return trail;
}

function refocus(active: Element | undefined): boolean {
  if (!active?.isConnected) return false;
  (active as HTMLElement).focus({ preventScroll: true });
  return document.activeElement === active;
}

function autofocus(added: readonly Element[]): HTMLElement | null {
  for (const element of added) {
    const found = element.matches("[autofocus]") ? element : element.querySelector("[autofocus]");
    if (found?.isConnected) return found as HTMLElement;
  }
  return null;
}

/** To the nearest heading made for it, from where the focus was outwards. */
function moveOn(trail: readonly Element[], root: HTMLElement): void {
  for (const element of trail) {
    const heading = element.isConnected && element.querySelector<HTMLElement>(HEADINGS);
    if (heading) return heading.focus();
  }
  parkOn(root);
}

/** A root that can always be focused would take the focus at every click beside a field. */
function parkOn(root: HTMLElement): void {
  if (document.activeElement === root) return;
  root.tabIndex = -1;
  root.addEventListener("blur", () => root.removeAttribute("tabindex"), { once: true });
  root.focus({ preventScroll: true });
}
