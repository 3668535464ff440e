/** The frames of the socket: JSON texts, one object each. */

export type Field = [name: string, value: string];

/** A literal, or a stretch of the previous text in UTF-16 units. */
export type Op = string | [start: number, length: number];

export type Settlement = "handled" | "refused" | "dead-lettered";

/** Which event, and whom it is for. */
export interface Address {
  name: string;
  to?: number;
  instance?: string;
}

/** What the visitor did; it is answered once, with how it was settled. */
export type Done =
  | ({ t: "event"; seq: number; data: unknown } & Address)
  | ({ t: "form"; seq: number; fields: Field[] } & Address);

export type ToServer =
  | { t: "hello"; page: string; hash: number }
  | Done
  | { t: "dismiss"; flash: number }
  | { t: "resync" }
  | { t: "ping" };

export type ToClient =
  | { t: "full"; html: string; hash: number; title?: string }
  | { t: "patch"; ops: Op[]; hash: number; title?: string }
  | { t: "settled"; seq: number; settlement: Settlement; reason?: string }
  | { t: "gone" }
  | { t: "elsewhere" }
  | { t: "bye" }
  | { t: "ping" };
