import type { Readable, Writable } from 'node:stream';
import { encodeFrame, encodeHeader, type FrameKind } from './frame.ts';

/**
 * The launcher's way to main. While main does not read, the programs' outputs are not read either, so that what
 * waits here is bounded by the channel's buffer and one piece per program.
 */
export class LauncherOutlet {
  readonly #channel: Writable;
  readonly #sources = new Set<Readable>();
  #isBlocked = false;

  constructor(channel: Writable) {
    this.#channel = channel;
    channel.on('drain', () => this.#unblock());
  }

  /** Whether main has not read yet what was sent. False when main is gone. */
  get isBlocked(): boolean {
    return this.#isBlocked && this.#channel.writable;
  }

  /** Sends a frame with a JSON payload, or with none. */
  send(kind: FrameKind, id: number, value?: unknown): void {
    this.#write(encodeFrame(kind, id, value));
  }

  /** Sends a frame with raw bytes. */
  sendBytes(kind: FrameKind, id: number, bytes: Buffer): void {
    this.#channel.cork();
    this.#write(encodeHeader(kind, id, bytes.length));
    this.#write(bytes);
    this.#channel.uncork();
  }

  /** Reads of `source` stop while main does not read. */
  addSource(source: Readable): void {
    this.#sources.add(source);
    if (this.#isBlocked) source.pause();
  }

  /** Lets `source` be read whether main reads or not. */
  removeSource(source: Readable): void {
    if (this.#sources.delete(source) && this.#isBlocked) source.resume();
  }

  #write(bytes: Buffer): void {
    if (!this.#channel.writable || this.#channel.write(bytes) || this.#isBlocked) return;
    this.#isBlocked = true;
    for (const source of this.#sources) source.pause();
  }

  #unblock(): void {
    this.#isBlocked = false;
    for (const source of this.#sources) source.resume();
  }
}
