import type { Transport } from '../../shared/contract/transport.ts';
import type { ClientMessage, ServerMessage } from '../../shared/contract/wire.ts';

/**
 * Two ends of a connection inside this process. A message is handed over in a later microtask and not copied: both
 * sides parse what they receive, which makes new objects of it.
 */
export function createMemoryTransports(): { client: Transport<ClientMessage>; server: Transport<ServerMessage> } {
  const client = new MemoryEnd<ClientMessage>();
  const server = new MemoryEnd<ServerMessage>();
  client.peer = server;
  server.peer = client;
  return { client, server };
}

class MemoryEnd<Out> implements Transport<Out> {
  peer: MemoryEnd<unknown> | undefined;
  #early: unknown[] = [];
  #onMessage: ((message: unknown) => void) | undefined;
  readonly #onEnd: (() => void)[] = [];
  #ended = false;

  send(message: Out): void {
    if (this.#ended) return;
    const { peer } = this;
    queueMicrotask(() => peer?.receive(message));
  }

  room(): undefined {
    return undefined;
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
    for (const message of this.#early) listener(message);
    this.#early = [];
  }

  onEnd(listener: () => void): void {
    if (this.#ended) queueMicrotask(listener);
    else this.#onEnd.push(listener);
  }

  close(): void {
    if (this.#ended) return;
    this.#end();
    const { peer } = this;
    queueMicrotask(() => peer?.close());
  }

  receive(message: unknown): void {
    if (this.#ended) return;
    if (this.#onMessage) this.#onMessage(message);
    else this.#early.push(message);
  }

  #end(): void {
    this.#ended = true;
    for (const listener of this.#onEnd) queueMicrotask(listener);
  }
}
