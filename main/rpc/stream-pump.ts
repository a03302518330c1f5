import type { Clock } from '../../runtime/time/clock.ts';
import type { Stream } from '../../shared/contract/define.ts';
import { approximateBytes } from './approximate-bytes.ts';

/** What a pump is connected to. */
export interface PumpOptions {
  readonly entry: Pick<Stream, 'bufferedItems' | 'overflow'>;
  readonly clock: Clock;
  /** Items the receiver takes before its first `ack`. */
  readonly credit: number;
  readonly send: (items: readonly unknown[], dropped: number) => void;
  /** The transport's room: nothing is sent while it is pending. */
  readonly room: () => Promise<void> | undefined;
}

/** A stream says something at most this often; a screen cannot show more. */
const MIN_INTERVAL_MS = 100;

/** Items are put into one message up to about this size, in bytes. */
const MESSAGE_TARGET_BYTES = 1_000_000;

/**
 * Moves the items of one stream to its receiver: at most `bufferedItems` waiting, at most one message per 100 ms, never
 * more than the receiver's credit.
 *
 * At a full buffer it follows the entry: it stops asking the source (`wait`), or forgets the oldest and says how many
 * (`drop-oldest`).
 */
export class StreamPump {
  readonly #options: PumpOptions;
  #buffer: unknown[] = [];
  #dropped = 0;
  #credit: number;
  #sentAtMs = -Infinity;
  #sourceEnded = false;
  #stopped = false;
  #sending = false;
  readonly #drained = Promise.withResolvers<void>();
  #roomInBuffer: PromiseWithResolvers<void> | undefined;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#credit = Math.min(options.credit, options.entry.bufferedItems);
  }

  /** Resolves when the source has ended and everything was sent, or the pump was stopped; rejects with the source's error after the items before it were sent. */
  async run(source: AsyncIterable<unknown>, check: (item: unknown) => unknown): Promise<void> {
    const failure = await this.#pull(source, check).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    this.#sourceEnded = true;
    this.#kick();
    await this.#drained.promise;
    if (failure && !this.#stopped) throw failure.error;
  }

  /** The receiver has room for `items` more. */
  acknowledge(items: number): void {
    this.#credit = Math.min(this.#credit + items, this.#options.entry.bufferedItems);
    this.#kick();
  }

  /** Forgets what is waiting and sends no more. */
  stop(): void {
    this.#stopped = true;
    this.#buffer = [];
    this.#roomInBuffer?.resolve();
    this.#drained.resolve();
  }

  async #pull(source: AsyncIterable<unknown>, check: (item: unknown) => unknown): Promise<void> {
    const { bufferedItems, overflow } = this.#options.entry;
    for await (const item of source) {
      if (this.#stopped) return;
      this.#buffer.push(check(item));
      if (this.#buffer.length > bufferedItems) {
        this.#buffer.shift();
        this.#dropped++;
      }
      this.#kick();
      if (overflow === 'wait' && this.#buffer.length >= bufferedItems) {
        this.#roomInBuffer = Promise.withResolvers();
        await this.#roomInBuffer.promise;
      }
    }
  }

  #kick(): void {
    if (this.#sending || this.#stopped) return;
    if (this.#buffer.length === 0) {
      if (this.#sourceEnded) this.#drained.resolve();
      return;
    }
    if (this.#credit === 0) return;
    this.#sending = true;
    void this.#sendSoon();
  }

  async #sendSoon(): Promise<void> {
    const { clock, room } = this.#options;
    const waitMs = this.#sentAtMs + MIN_INTERVAL_MS - clock.monoMs();
    // The first message waits for its microtask turn, so that what the source has at hand goes with it.
    await (waitMs > 0 ? clock.sleep(waitMs) : undefined);
    for (let pending = room(); pending && !this.#stopped; pending = room()) await pending;
    this.#sending = false;
    if (this.#stopped) return;
    this.#sentAtMs = clock.monoMs();
    const items = this.#take();
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#options.send(items, dropped);
    this.#roomInBuffer?.resolve();
    this.#kick();
  }

  #take(): readonly unknown[] {
    let count = 0;
    for (let size = 0; count < Math.min(this.#credit, this.#buffer.length); count++) {
      size += approximateBytes(this.#buffer[count]);
      if (count > 0 && size > MESSAGE_TARGET_BYTES) break;
    }
    this.#credit -= count;
    return this.#buffer.splice(0, count);
  }
}
