import type { Address } from "./protocol.ts";

/** Reads whom an event is for from the element that carries it. */
export function addressOf(carrier: Element, name: string): Address {
  const to = carrier.getAttribute("data-sp-to");
  const instance = carrier.getAttribute("data-sp-instance");
  return {
    name,
    ...(to === null ? {} : { to: Number(to) }),
    ...(instance === null ? {} : { instance }),
  };
}

/**
 * Names the ask that an event answers, if it answers one: 0 stands for none. Asks are numbered by
 * spindle, so its block belongs to the name.
 */
export function askOf({ name, to, instance }: Address): string | null {
  if (!to) return null;
  const block = name.slice(0, name.lastIndexOf("."));
  return JSON.stringify([block, instance, to]);
}
