import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { fromFrame, toFrame } from '../../shared/contract/message-frame.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import { MAX_MESSAGE_BYTES } from '../../shared/contract/wire.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { Inbox } from '../../shared/contract/inbox.ts';
import { parseMessageLine } from './message-line.ts';

/** Bytes that may wait for a peer that does not read; `room` asks for patience long before. */
const MAX_WAITING_BYTES = 4 * MAX_MESSAGE_BYTES;

/** How the line of a message with bytes begins; no other message has such a field. */
const FRAME_START = '{"frame":';

/**
 * Messages over a byte stream: one JSON value a line; a message that holds bytes is `{"frame": …}` with the frame in base64.
 *
 * A line beyond `MAX_MESSAGE_BYTES` (so 12 MiB of bytes, in base64), a line that is not JSON and a peer that lets `MAX_WAITING_BYTES` pile up end the
 * connection with `INPUT_INVALID` or `INSTANCE_UNREACHABLE`.
 */
export class LineTransport<Out extends object> implements Transport<Out> {
  readonly #stream: Duplex;
  readonly #decoder = new StringDecoder('utf8');
  #pieces: string[] = [];
  #lineChars = 0;
  readonly #inbox = new Inbox();
  #closing = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#receive(this.#decoder.write(chunk)));
    stream.on('error', (error) => this.#finish(gone(error)));
    stream.on('close', () => this.#finish(this.#closing ? undefined : gone()));
    // The peer said its last word; nothing that is sent from here on can be answered.
    stream.on('end', () => this.close());
  }

  send(message: Out): void {
    if (this.#inbox.hasEnded || this.#closing || !this.#stream.writable) return;
    this.#stream.write(`${toLine(message)}\n`);
    if (this.#stream.writableLength > MAX_WAITING_BYTES) {
      this.#break(
        new AppError(
          'INSTANCE_UNREACHABLE',
          'The other side does not read what it asked for; the connection was ended.',
        ),
      );
    }
  }

  room(): Promise<void> | undefined {
    if (!this.#stream.writableNeedDrain || this.#inbox.hasEnded) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        this.#stream.off('drain', done).off('close', done);
        resolve();
      };
      this.#stream.on('drain', done).on('close', done);
    });
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#inbox.onMessage(listener);
  }

  onEnd(listener: (error?: AppError) => void): void {
    this.#inbox.onEnd(listener);
  }

  close(): void {
    if (this.#closing || this.#inbox.hasEnded) return;
    this.#closing = true;
    // `end` sends what is waiting; without a reader on the other side the `close` event would not come.
    this.#stream.end(() => this.#stream.destroy());
  }

  #receive(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      this.#pieces.push(text.slice(from, at));
      const line = this.#pieces.length === 1 ? (this.#pieces[0] as string) : this.#pieces.join('');
      this.#pieces = [];
      this.#lineChars = 0;
      from = at + 1;
      if (line.length > MAX_MESSAGE_BYTES) return this.#break(tooLong());
      if (!this.#deliver(line)) return;
    }
    if (from >= text.length) return;
    this.#pieces.push(text.slice(from));
    this.#lineChars += text.length - from;
    if (this.#lineChars > MAX_MESSAGE_BYTES) this.#break(tooLong());
  }

  #deliver(line: string): boolean {
    if (this.#inbox.hasEnded) return false;
    if (line === '') return true;
    const message = fromLine(line);
    if (message !== undefined && this.#inbox.deliver(message)) return true;
    this.#break(new AppError('INPUT_INVALID', 'The other side sent something that is not a message.'));
    return false;
  }

  #break(error: AppError): void {
    this.#finish(error);
    this.#stream.destroy();
  }

  #finish(error: AppError | undefined): void {
    if (this.#inbox.finish(error)) this.#pieces = [];
  }
}

function toLine(message: object): string {
  const frame = toFrame(message);
  if (typeof frame === 'string') return frame;
  return JSON.stringify({ frame: Buffer.from(frame.buffer).toString('base64') });
}

function fromLine(line: string): unknown {
  if (!line.startsWith(FRAME_START)) return parseMessageLine(line);
  const message = parseMessageLine(line) as { readonly frame?: unknown } | undefined;
  if (typeof message?.frame !== 'string') return undefined;
  try {
    const { buffer, byteOffset, byteLength } = Buffer.from(message.frame, 'base64');
    return fromFrame(new Uint8Array(buffer, byteOffset, byteLength));
  } catch {
    return undefined;
  }
}

function tooLong(): AppError {
  return new AppError('INPUT_INVALID', `The other side sent a message of more than ${MAX_MESSAGE_BYTES} bytes.`);
}

function gone(cause?: unknown): AppError {
  return new AppError('INSTANCE_UNREACHABLE', 'The connection to the other side was lost; try again.', { cause });
}
