import type { ToClient, ToServer } from "./protocol.ts";

export interface Ends {
  opened(socket: Socket): void;
  received(message: ToClient): void;
  lost(): void;
}

/** The connection; what is sent before it stands waits for it. */
export class Socket {
  readonly #socket: WebSocket;
  readonly #waiting: ToServer[] = [];
  #left = false;

  constructor(path: string, ends: Ends) {
    const address = new URL(path, location.href);
    address.protocol = location.protocol.replace("http", "ws");
    this.#socket = new WebSocket(address);
    this.#socket.onopen = () => {
      ends.opened(this);
      for (const message of this.#waiting.splice(0)) this.send(message);
    };
    this.#socket.onmessage = ({ data }) => {
      if (!this.#left) ends.received(JSON.parse(data) as ToClient);
    };
    this.#socket.onclose = () => {
      if (!this.#left) ends.lost();
    };
  }

  /** Tells whether the message is on its way; if the connection was lost, it is not. */
  send(message: ToServer): boolean {
    if (this.#left) return false;
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#waiting.push(message);
    else if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
    else return false;
    return true;
  }

  /** Closes on purpose: nothing is heard of it any more. */
  leave(): void {
    this.#left = true;
    this.#socket.close();
  }
}
