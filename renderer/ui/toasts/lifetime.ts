import { after } from '../../rpc/timers.ts';

/** Long enough to read two lines twice. */
const SHOWN_MS = 6_000;

/** An error is also read by who was looking elsewhere, and is gone before it speaks of what was long ago. */
const ERROR_MS = 60_000;

/** Whoever held it and lets go has still this long. */
const LET_GO_MS = 2_000;

/** How long toasts of a tone are shown, in milliseconds. */
export function shownMs(tone: string | undefined): number {
  return tone === 'bad' ? ERROR_MS : SHOWN_MS;
}

/** A time that runs out once, and can be held. */
export class Lifetime {
  #leftMs: number;
  readonly #nowMs: () => number;

  constructor(leftMs: number, nowMs: () => number = () => performance.now()) {
    this.#leftMs = leftMs;
    this.#nowMs = nowMs;
  }

  /** Lets it go on until what is answered is disposed of, which holds it; calls `end` when it has run out. */
  run(end: () => void): Disposable {
    const fromMs = this.#nowMs();
    const timer = after(this.#leftMs, end);
    return {
      [Symbol.dispose]: () => {
        timer[Symbol.dispose]();
        this.#leftMs = Math.max(LET_GO_MS, this.#leftMs - (this.#nowMs() - fromMs));
      },
    };
  }
}
