import type { Field } from "./protocol.ts";

/** Where on an element the pointer is: in an SVG in its own units, else in CSS pixels. */
export function placeOn(element: Element, { clientX, clientY }: MouseEvent): Field[] {
  let at = new DOMPoint(clientX, clientY);
  if (element instanceof SVGGraphicsElement) {
    at = at.matrixTransform(element.getScreenCTM()!.inverse());
  } else {
    const { left, top } = element.getBoundingClientRect();
    at = new DOMPoint(clientX - left, clientY - top);
  }
  return [["x", `${at.x}`], ["y", `${at.y}`]];
}
