import { fromFrame } from '../../shared/contract/message-frame.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import { AppError } from '../../shared/errors/app-error.ts';

/** The sending half of a connection; `PageTransport` is everything else. */
export interface PageLink {
  post(message: unknown): void;
  /** Resolves when the link has taken in what was posted; `undefined` when it has. */
  room(): Promise<void> | undefined;
  close(): void;
}

/** Messages of one connection between this page and its host: keeps early ones, tells the end once. */
export class PageTransport<Out> implements Transport<Out> {
  readonly #link: PageLink;
  #early: unknown[] = [];
  #onMessage: ((message: unknown) => void) | undefined;
  readonly #onEnd: ((error?: AppError) => void)[] = [];
  #end: { readonly error: AppError | undefined } | undefined;

  constructor(link: PageLink) {
    this.#link = link;
  }

  send(message: Out): void {
    if (!this.#end) this.#link.post(message);
  }

  room(): Promise<void> | undefined {
    return this.#end ? undefined : this.#link.room();
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
    this.#link.close();
    this.finish();
  }

  /** A message as the link received it: a value, the text of one, or a binary frame. */
  receive(data: unknown): void {
    if (this.#end) return;
    const message = this.#read(data);
    if (message === undefined) return this.fail('The host sent something that is not a message.');
    if (this.#onMessage) this.#onMessage(message);
    else this.#early.push(message);
  }

  fail(sentence: string): void {
    this.finish(new AppError('INSTANCE_UNREACHABLE', sentence));
    this.#link.close();
  }

  finish(error?: AppError): void {
    if (this.#end) return;
    this.#end = { error };
    for (const listener of this.#onEnd) listener(error);
  }

  #read(data: unknown): unknown {
    try {
      if (typeof data === 'string') return JSON.parse(data) as unknown;
      return data instanceof ArrayBuffer ? fromFrame(new Uint8Array(data)) : data;
    } catch {
      return undefined;
    }
  }
}
