import { Inbox } from '../../shared/contract/inbox.ts';
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
  readonly #inbox = new Inbox();

  constructor(link: PageLink) {
    this.#link = link;
  }

  send(message: Out): void {
    if (!this.#inbox.hasEnded) this.#link.post(message);
  }

  room(): Promise<void> | undefined {
    return this.#inbox.hasEnded ? undefined : this.#link.room();
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#inbox.onMessage(listener);
  }

  onEnd(listener: (error?: AppError) => void): void {
    this.#inbox.onEnd(listener);
  }

  close(): void {
    this.#link.close();
    this.finish();
  }

  /** A message as the link received it: a value, the text of one, or a binary frame. */
  receive(data: unknown): void {
    if (this.#inbox.hasEnded) return;
    const message = this.#read(data);
    if (message === undefined) this.fail('The host sent something that is not a message.');
    else if (!this.#inbox.deliver(message)) this.fail('The host sent more than anybody listens to.');
  }

  fail(sentence: string): void {
    this.finish(new AppError('INSTANCE_UNREACHABLE', sentence));
    this.#link.close();
  }

  finish(error?: AppError): void {
    this.#inbox.finish(error);
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
