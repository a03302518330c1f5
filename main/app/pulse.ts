import type { Clock, Timer } from '../../runtime/time/clock.ts';
import type { Pulse } from '../../shared/contract/app.ts';

/** One pulse a second, as a person reads it. */
const INTERVAL_MS = 1_000;

/** The first comes sooner, so that the strip is not empty for a second; it stands for that shorter time. */
const FIRST_MS = 200;

/** Takes one pulse. Opened with the first listener and disposed of with the last. */
export interface PulseSampler extends Disposable {
  sample(): Promise<Pulse>;
}

/** The pulse of an instance, for any number of listeners. */
export interface PulseFeed {
  /** The newest at once where there is one, then one a second until `signal` aborts. A slow listener gets the newest. */
  listen(signal: AbortSignal): AsyncGenerator<Pulse>;
  /** Who listens now. */
  readonly listeners: number;
}

/**
 * One sampler for all listeners: it takes one pulse a second while anybody listens and nothing while nobody does.
 *
 * A sample that fails ends every listener with its error.
 */
export function createPulseFeed(clock: Clock, open: () => PulseSampler): PulseFeed {
  return new SharedPulse(clock, open);
}

class SharedPulse implements PulseFeed {
  readonly #clock: Clock;
  readonly #open: () => PulseSampler;
  #sampler: PulseSampler | undefined;
  #timer: Timer | undefined;
  #latest: Pulse | undefined;
  /** Replaced at each pulse; settles the ones who wait for the next. */
  #next = nextPulse();
  listeners = 0;

  constructor(clock: Clock, open: () => PulseSampler) {
    this.#clock = clock;
    this.#open = open;
  }

  async *listen(signal: AbortSignal): AsyncGenerator<Pulse> {
    if (signal.aborted) return;
    if (this.listeners++ === 0) this.#start();
    const left = Promise.withResolvers<undefined>();
    const onAbort = (): void => left.resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      let shown: Pulse | undefined;
      while (!signal.aborted) {
        const pulse: Pulse | undefined =
          this.#latest === undefined || this.#latest === shown
            ? await Promise.race([this.#next.promise, left.promise])
            : this.#latest;
        if (pulse === undefined) return;
        shown = pulse;
        yield pulse;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (--this.listeners === 0) this.#stop();
    }
  }

  #start(): void {
    this.#sampler = this.#open();
    this.#arm(FIRST_MS);
  }

  #stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#sampler?.[Symbol.dispose]();
    this.#sampler = undefined;
    this.#latest = undefined;
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.after(delayMs, () => void this.#tick());
    this.#timer.keepAlive(false);
  }

  async #tick(): Promise<void> {
    const sampler = this.#sampler;
    if (!sampler) return;
    // Armed before the sample, so that a slow one does not make the rhythm slower.
    this.#arm(INTERVAL_MS);
    const waiting = this.#next;
    try {
      const pulse = await sampler.sample();
      if (this.#sampler !== sampler || this.#next !== waiting) return;
      this.#latest = pulse;
      this.#next = nextPulse();
      waiting.resolve(pulse);
    } catch (error) {
      if (this.#next !== waiting) return;
      this.#next = nextPulse();
      waiting.reject(error);
    }
  }
}

function nextPulse(): PromiseWithResolvers<Pulse> {
  const next = Promise.withResolvers<Pulse>();
  // Nobody may be waiting for the one that fails.
  next.promise.catch(() => undefined);
  return next;
}
