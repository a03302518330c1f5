import type { AppError } from '../errors/app-error.ts';

/** Messages kept for a listener that has not come yet. */
const MAX_EARLY_MESSAGES = 1_000;

/** The receiving half of a connection: keeps early messages, in order, until somebody listens, and tells the end once. */
export class Inbox {
  #early: unknown[] = [];
  #onMessage: ((message: unknown) => void) | undefined;
  readonly #onEnd: ((error?: AppError) => void)[] = [];
  #end: { readonly error: AppError | undefined } | undefined;

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
    const early = this.#early;
    this.#early = [];
    for (const message of early) listener(message);
  }

  /** Called once, also when the end was before. */
  onEnd(listener: (error?: AppError) => void): void {
    const end = this.#end;
    if (end) queueMicrotask(() => listener(end.error));
    else this.#onEnd.push(listener);
  }

  /** Hands a message on; `false` when 1,000 wait for a listener already, and it was not kept. */
  deliver(message: unknown): boolean {
    if (this.#onMessage) this.#onMessage(message);
    else if (this.#early.length < MAX_EARLY_MESSAGES) this.#early.push(message);
    else return false;
    return true;
  }

  /** Tells the end; what nobody listened to is forgotten. `false` when it was told before. */
  finish(error: AppError | undefined): boolean {
    if (this.#end) return false;
    this.#end = { error };
    this.#early = [];
    for (const listener of this.#onEnd) listener(error);
    return true;
  }
}
