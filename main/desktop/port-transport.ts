import type { MessagePortMain } from 'electron';
import type { Transport } from '../../shared/contract/transport.ts';
import type { ServerMessage } from '../../shared/contract/wire.ts';
import { AppError } from '../../shared/errors/app-error.ts';

/** Messages kept for a listener that has not come yet; one more ends the connection. */
const MAX_EARLY_MESSAGES = 1_000;

/**
 * Messages over the port of a window, copied as they are, bytes included.
 *
 * A port tells nobody how much waits in it, so there is always room here: what waits is bounded by the credit of each stream
 * and by the number of calls that may be open at once.
 */
export class PortTransport implements Transport<ServerMessage> {
  readonly #port: MessagePortMain;
  #early: unknown[] = [];
  #onMessage: ((message: unknown) => void) | undefined;
  readonly #onEnd: ((error?: AppError) => void)[] = [];
  #end: { readonly error: AppError | undefined } | undefined;

  /** Takes the port over and starts it. */
  constructor(port: MessagePortMain) {
    this.#port = port;
    port.on('message', ({ data }) => this.#receive(data));
    port.on('close', () =>
      this.#finish(new AppError('INSTANCE_UNREACHABLE', 'The window closed its connection or has ended.')),
    );
    port.start();
  }

  send(message: ServerMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    if (!this.#end) this.#port.postMessage(message);
  }

  room(): undefined {
    return undefined;
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
    const early = this.#early;
    this.#early = [];
    for (const message of early) listener(message);
  }

  onEnd(listener: (error?: AppError) => void): void {
    const end = this.#end;
    if (end) queueMicrotask(() => listener(end.error));
    else this.#onEnd.push(listener);
  }

  close(): void {
    this.#finish(undefined);
  }

  #receive(message: unknown): void {
    if (this.#end) return;
    if (this.#onMessage) return this.#onMessage(message);
    if (this.#early.length < MAX_EARLY_MESSAGES) this.#early.push(message);
    else this.#finish(new AppError('INPUT_INVALID', 'The window sent more than can be kept before it is listened to.'));
  }

  #finish(error: AppError | undefined): void {
    if (this.#end) return;
    this.#end = { error };
    this.#early = [];
    this.#port.close();
    for (const listener of this.#onEnd) listener(error);
  }
}
