import { isAppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import type { RunId } from '../../../shared/model/ids.ts';
import type { Clock } from '../../time/clock.ts';
import {
  type BreakerChange,
  type BreakerLimits,
  type BreakerStats,
  CircuitBreaker,
  type Passage,
} from './circuit-breaker.ts';

/** What calls are guarded from. */
export interface BreakerSubject {
  /** As people know it: `the provider openai`, `the tool http`. */
  readonly name: string;
  /** The run whose calls it guards; absent for one that all runs share. */
  readonly runId?: RunId;
  /** The provider that is called, by its name in fleet files. */
  readonly provider?: string;
}

/** A breaker with what it guards; disposing of it forgets it. */
export interface Breaker extends Disposable {
  /**
   * Makes a call. A failure with a code in `tells` counts against the other side; every other one, a cancellation among
   * them, says nothing about it.
   *
   * @throws {AppError} CIRCUIT_OPEN with `retryAfterMs`, and whatever `call` throws.
   */
  guard<T>(tells: ReadonlySet<ErrorCode>, call: () => Promise<T>): Promise<T>;
  /**
   * Lets one call pass that tells its outcome itself: without a promise of the breaker's own, for calls that come by the
   * ten thousand.
   *
   * @throws {AppError} CIRCUIT_OPEN with `retryAfterMs`.
   */
  enter(): Passage;
}

/** All breakers of the program, under the same limits. */
export interface Breakers {
  open(subject: BreakerSubject): Breaker;
  /** New limits for all of them, at once. */
  reconfigure(limits: BreakerLimits): void;
  stats(): readonly (BreakerSubject & BreakerStats)[];
  /** Calls `listener` with each change of a state, and what it is of. */
  onChange(listener: (change: BreakerChange, subject: BreakerSubject) => void): Disposable;
}

/** Opens none yet. @param clock Read with every call; a coarse one does. */
export function createBreakers(limits: BreakerLimits, clock: Pick<Clock, 'monoMs'>): Breakers {
  return new SharedBreakers(limits, clock);
}

class SharedBreakers implements Breakers {
  readonly #open = new Map<CircuitBreaker, BreakerSubject>();
  readonly #listeners = new Set<(change: BreakerChange, subject: BreakerSubject) => void>();
  readonly #clock: Pick<Clock, 'monoMs'>;
  #limits: BreakerLimits;

  constructor(limits: BreakerLimits, clock: Pick<Clock, 'monoMs'>) {
    this.#limits = limits;
    this.#clock = clock;
  }

  open(subject: BreakerSubject): Breaker {
    const onChange = (change: BreakerChange): void => {
      for (const listener of this.#listeners) listener(change, subject);
    };
    const breaker = new CircuitBreaker({ name: subject.name, limits: this.#limits, clock: this.#clock, onChange });
    this.#open.set(breaker, subject);
    return {
      guard: (tells, call) => guard(breaker, tells, call),
      enter: () => breaker.enter(),
      [Symbol.dispose]: () => void this.#open.delete(breaker),
    };
  }

  reconfigure(limits: BreakerLimits): void {
    this.#limits = limits;
    for (const breaker of this.#open.keys()) breaker.reconfigure(limits);
  }

  stats(): readonly (BreakerSubject & BreakerStats)[] {
    return [...this.#open].map(([breaker, subject]) => ({ ...subject, ...breaker.stats() }));
  }

  onChange(listener: (change: BreakerChange, subject: BreakerSubject) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}

async function guard<T>(breaker: CircuitBreaker, tells: ReadonlySet<ErrorCode>, call: () => Promise<T>): Promise<T> {
  const passage = breaker.enter();
  try {
    const result = await call();
    passage.end('ok');
    return result;
  } catch (error) {
    passage.end(isAppError(error) && tells.has(error.code) ? 'failed' : 'neither');
    throw error;
  }
}
