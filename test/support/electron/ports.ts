import { EventEmitter } from 'node:events';
import type Electron from 'electron';

type PortEnd = Pick<Electron.MessagePortMain, 'postMessage' | 'start' | 'close'>;

/** One end of a channel: keeps what arrives until it is started, and tells its peer when it closes. */
export class MessagePortMain extends EventEmitter implements PortEnd {
  peer: MessagePortMain | undefined;
  #waiting: unknown[] | undefined = [];
  #isClosed = false;

  postMessage(message: unknown): void {
    if (this.#isClosed) return;
    const copy: unknown = structuredClone(message);
    const { peer } = this;
    setImmediate(() => peer?.deliver(copy));
  }

  start(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const data of waiting) this.emit('message', { data, ports: [] });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { peer } = this;
    // After what was posted before.
    setImmediate(() => {
      peer?.close();
      this.emit('close');
    });
  }

  deliver(data: unknown): void {
    if (this.#isClosed) return;
    if (this.#waiting) this.#waiting.push(data);
    else this.emit('message', { data, ports: [] });
  }
}

/** Two ends that hear each other. */
export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();

  constructor() {
    this.port1.peer = this.port2;
    this.port2.peer = this.port1;
  }
}
