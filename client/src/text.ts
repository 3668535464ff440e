import type { Op } from "./protocol.ts";

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** The checksum of zlib over the text's UTF-8 bytes, unsigned. */
export function crc32(text: string): number {
  let sum = -1;
  for (const byte of new TextEncoder().encode(text)) {
    sum = TABLE[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
  }
  return ~sum >>> 0;
}

export function patched(old: string, ops: readonly Op[]): string {
  return ops
    .map((op) => (typeof op === "string" ? op : old.slice(op[0], op[0] + op[1])))
    .join("");
}
