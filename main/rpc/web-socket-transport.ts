import { WebSocket, type RawData } from 'ws';
import { fromFrame, toFrame } from '../../shared/contract/message-frame.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import { MAX_MESSAGE_BYTES } from '../../shared/contract/wire.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { Inbox } from '../../shared/contract/inbox.ts';
import { parseMessageLine } from './message-line.ts';

/** Bytes that may wait for a page that does not read; `room` asks for patience long before. */
const MAX_WAITING_BYTES = 4 * MAX_MESSAGE_BYTES;

/** From here on a sender is asked to wait. */
const ROOM_BYTES = 1_000_000;

/** WebSocket close codes, RFC 6455 section 7.4.1. */
const CLOSE = { normal: 1000, invalid: 1007, tooSlow: 1008 } as const;

/**
 * Messages over a WebSocket that is open: a text frame is JSON, a binary frame one of `shared/contract/message-frame.ts`.
 *
 * The socket's own `maxPayload` bounds what comes in. A frame that is not a message and a peer that lets
 * `MAX_WAITING_BYTES` pile up end the connection with `INPUT_INVALID` or `INSTANCE_UNREACHABLE`.
 */
export class WebSocketTransport<Out extends object> implements Transport<Out> {
  readonly #socket: WebSocket;
  readonly #inbox = new Inbox();
  #waiting: (() => void)[] = [];
  #isClosing = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    // The library ends the connection after an error by itself (a frame too large, text that is not UTF-8).
    socket.on('error', (error) => this.#finish(gone(error)));
    socket.on('close', () => this.#finish(this.#isClosing ? undefined : gone()));
  }

  send(message: Out): void {
    if (this.#inbox.hasEnded || this.#isClosing || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(toFrame(message), () => this.#settleRoom());
    if (this.#socket.bufferedAmount > MAX_WAITING_BYTES) {
      const sentence = 'The page does not read what it asked for; the connection was ended.';
      this.#break(new AppError('INSTANCE_UNREACHABLE', sentence), CLOSE.tooSlow);
    }
  }

  room(): Promise<void> | undefined {
    if (this.#inbox.hasEnded || this.#socket.bufferedAmount <= ROOM_BYTES) return undefined;
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#inbox.onMessage(listener);
  }

  onEnd(listener: (error?: AppError) => void): void {
    this.#inbox.onEnd(listener);
  }

  close(): void {
    if (this.#isClosing || this.#inbox.hasEnded) return;
    this.#isClosing = true;
    this.#socket.close(CLOSE.normal);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#inbox.hasEnded || this.#isClosing) return;
    const message = isBinary ? findFramed(toBytes(data)) : parseMessageLine(toBytes(data).toString());
    if (message !== undefined && this.#inbox.deliver(message)) return;
    const sentence = 'The other side sent something that is not a message.';
    this.#break(new AppError('INPUT_INVALID', sentence), CLOSE.invalid);
  }

  #settleRoom(): void {
    if (!this.#inbox.hasEnded && this.#socket.bufferedAmount > ROOM_BYTES) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #break(error: AppError, code: number): void {
    this.#finish(error);
    this.#socket.close(code);
    // What is waiting for a peer that does not read would keep the close from going out.
    if (code === CLOSE.tooSlow) this.#socket.terminate();
  }

  #finish(error: AppError | undefined): void {
    if (this.#inbox.finish(error)) this.#settleRoom();
  }
}

function findFramed(bytes: Buffer): unknown {
  try {
    // Numbers are read in place, which needs them where a multiple of 8 begins.
    const { buffer, byteOffset, byteLength } = bytes;
    return fromFrame(byteOffset % 8 === 0 ? new Uint8Array(buffer, byteOffset, byteLength) : new Uint8Array(bytes));
  } catch {
    return undefined;
  }
}

function toBytes(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function gone(cause?: unknown): AppError {
  return new AppError('INSTANCE_UNREACHABLE', 'The connection to the page was lost.', { cause });
}
