import type { Transport } from '../../shared/contract/transport.ts';
import { PORT_END } from '../../shared/contract/window-port.ts';
import { MAX_MESSAGE_BYTES, type ServerMessage } from '../../shared/contract/wire.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { approximateBytes } from './approximate-bytes.ts';
import { Inbox } from '../../shared/contract/inbox.ts';

/** What is used here of a window's port; Electron's `MessagePortMain` has it. */
export interface WindowPort {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** From here on a sender is asked to wait. */
const ROOM_BYTES = 1_000_000;

/** Bytes that may wait for a page that does not read; `room` asks for patience long before. */
const MAX_UNTAKEN_BYTES = 4 * MAX_MESSAGE_BYTES;

/**
 * Messages over the port of a window, copied as they are, bytes included.
 *
 * A port tells nobody how much waits in it, nor every time that its other end is gone. So the page answers each message with the
 * count of those it took, and either side's last word is `PORT_END`. A page that lets `MAX_UNTAKEN_BYTES` pile up ends the
 * connection with `INSTANCE_UNREACHABLE`.
 */
export class PortTransport implements Transport<ServerMessage> {
  readonly #port: WindowPort;
  readonly #inbox = new Inbox();
  /** The length of each message that the page has not taken yet, oldest first. */
  readonly #untaken: number[] = [];
  #untakenBytes = 0;
  #waiting: (() => void)[] = [];

  /** Takes the port over and starts it. */
  constructor(port: WindowPort) {
    this.#port = port;
    port.on('message', ({ data }) => this.#receive(data));
    port.on('close', () => this.#finish(gone()));
    port.start();
  }

  send(message: ServerMessage): void {
    if (this.#inbox.hasEnded) return;
    const bytes = approximateBytes(message);
    this.#untaken.push(bytes);
    this.#untakenBytes += bytes;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    this.#port.postMessage(message);
    if (this.#untakenBytes <= MAX_UNTAKEN_BYTES) return;
    const sentence = 'The page does not read what it asked for; the connection was ended.';
    this.#finish(new AppError('INSTANCE_UNREACHABLE', sentence));
  }

  room(): Promise<void> | undefined {
    if (this.#inbox.hasEnded || this.#untakenBytes <= ROOM_BYTES) return undefined;
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#inbox.onMessage(listener);
  }

  onEnd(listener: (error?: AppError) => void): void {
    this.#inbox.onEnd(listener);
  }

  close(): void {
    this.#finish(undefined);
  }

  #receive(data: unknown): void {
    if (this.#inbox.hasEnded) return;
    if (data === PORT_END) return this.#finish(gone());
    if (typeof data === 'number') return this.#taken(data);
    if (this.#inbox.deliver(data)) return;
    this.#finish(new AppError('INPUT_INVALID', 'The window sent more than can be kept before it is listened to.'));
  }

  #taken(count: number): void {
    if (!Number.isInteger(count) || count < 1 || count > this.#untaken.length) {
      return this.#finish(new AppError('INPUT_INVALID', 'The window took messages that it was never sent.'));
    }
    for (const bytes of this.#untaken.splice(0, count)) this.#untakenBytes -= bytes;
    if (this.#untakenBytes <= ROOM_BYTES) this.#settleRoom();
  }

  #settleRoom(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #finish(error: AppError | undefined): void {
    if (!this.#inbox.finish(error)) return;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    this.#port.postMessage(PORT_END);
    this.#port.close();
    this.#settleRoom();
  }
}

function gone(): AppError {
  return new AppError('INSTANCE_UNREACHABLE', 'The window closed its connection or has ended.');
}
