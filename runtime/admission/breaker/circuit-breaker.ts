import { AppError } from '../../../shared/errors/app-error.ts';
import type { Clock } from '../../time/clock.ts';
import { OutcomeWindow } from './outcome-window.ts';

/** When a breaker opens, and how it closes again. */
export interface BreakerLimits {
  /** A breaker that is off lets everything pass and counts nothing. */
  readonly isOn: boolean;
  /** Length of the sliding window in which calls are counted, 100 and more. */
  readonly windowMs: number;
  /** The part of the calls in the window that must fail for it to open, above 0, at most 1. */
  readonly failureRatio: number;
  /** It stays closed with fewer calls in the window; 1 and more. */
  readonly minCalls: number;
  /** How long it lets nothing pass once it has opened. */
  readonly openMs: number;
  /** Calls that are let through after that, to see whether it may close; all of them must succeed. 1 and more. */
  readonly probes: number;
}

/** `closed` lets calls pass, `open` none, `half-open` a few to see whether they succeed. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** What became of a call that was let through; `neither` says nothing about the other side: it was cancelled, or wrong. */
export type CallOutcome = 'ok' | 'failed' | 'neither';

/** A call that was let through; telling its outcome a second time does nothing. */
export interface Passage {
  end(outcome: CallOutcome): void;
}

/** A breaker at one moment. */
export interface BreakerStats {
  readonly name: string;
  readonly state: BreakerState;
  /** Of the window. */
  readonly calls: number;
  readonly failures: number;
  /** Until it lets the first call through; 0 unless it is open. */
  readonly retryAfterMs: number;
  /** Since the start. */
  readonly timesOpened: number;
  readonly refused: number;
}

/** A breaker has another state than before. */
export interface BreakerChange {
  readonly name: string;
  readonly state: BreakerState;
  /** One sentence for a person. */
  readonly reason: string;
}

/** What a breaker is made of. */
export interface BreakerOptions {
  /** As people know it: `the provider openai`, `the tool http`. */
  readonly name: string;
  readonly limits: BreakerLimits;
  readonly clock: Pick<Clock, 'monoMs'>;
  readonly onChange: (change: BreakerChange) => void;
}

/**
 * Stops calling what fails, and tries a little after a while.
 *
 * It keeps no timer: an open breaker becomes half-open with the first call that comes late enough. Outcomes of calls that
 * were let through before it last changed say nothing about how things are now and do not count.
 *
 * Source: M. Nygard, "Release It!", 2nd edition (2018), "Circuit Breaker"; the window over time and the number of probes as
 * in resilience4j's time-based CircuitBreaker.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  #limits: BreakerLimits;
  #window: OutcomeWindow;
  #state: BreakerState = 'closed';
  /** Raised by every change of state. */
  #era = 0;
  #openedAtMs = 0;
  /** Of the half-open state: let through, and succeeded. */
  #probing = 0;
  #succeeded = 0;
  #timesOpened = 0;
  #refused = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#window = new OutcomeWindow(options.limits.windowMs);
  }

  /**
   * Lets one call pass.
   *
   * @throws {AppError} CIRCUIT_OPEN with `retryAfterMs`.
   */
  enter(): Passage {
    if (!this.#limits.isOn) return FREE;
    if (this.#state === 'open' && this.#retryAfterMs() === 0) this.#become('half-open', 'a few calls are tried');
    if (this.#state === 'open') throw this.#refusal(this.#retryAfterMs());
    if (this.#state === 'half-open') {
      // The probes answer first; whoever comes meanwhile returns when they may have.
      if (this.#probing + this.#succeeded >= this.#limits.probes) throw this.#refusal(this.#limits.openMs);
      this.#probing += 1;
    }
    return new OpenPassage(this, this.#era);
  }

  /** Takes in what became of a call that was let through in `era`; for its passage alone. */
  note(outcome: CallOutcome, era: number): void {
    if (era !== this.#era) return;
    if (this.#state === 'half-open') this.#noteProbe(outcome);
    else if (outcome !== 'neither') this.#noteCall(outcome === 'failed');
  }

  /** New limits hold at once; switched off it closes, and what it counted is forgotten. */
  reconfigure(limits: BreakerLimits): void {
    const { windowMs, isOn } = this.#limits;
    this.#limits = limits;
    if (limits.windowMs !== windowMs || limits.isOn !== isOn) this.#window = new OutcomeWindow(limits.windowMs);
    if (!limits.isOn && this.#state !== 'closed') this.#become('closed', 'it was switched off');
  }

  stats(): BreakerStats {
    const { calls, failures } = this.#window.totals(this.#nowMs());
    return {
      name: this.#options.name,
      state: this.#state,
      calls,
      failures,
      retryAfterMs: this.#state === 'open' ? this.#retryAfterMs() : 0,
      timesOpened: this.#timesOpened,
      refused: this.#refused,
    };
  }

  #noteCall(isFailure: boolean): void {
    const atMs = this.#nowMs();
    this.#window.add(atMs, isFailure);
    if (!isFailure) return;
    const { calls, failures } = this.#window.totals(atMs);
    const { minCalls, failureRatio, windowMs } = this.#limits;
    if (calls >= minCalls && failures >= failureRatio * calls)
      this.#open(`${failures} of ${calls} calls failed within ${windowMs / 1_000} s`);
  }

  #noteProbe(outcome: CallOutcome): void {
    this.#probing -= 1;
    if (outcome === 'failed') return this.#open('it failed again when it was tried');
    if (outcome === 'ok') this.#succeeded += 1;
    if (this.#succeeded < this.#limits.probes) return;
    this.#become('closed', this.#succeeded === 1 ? 'a call succeeded' : `${this.#succeeded} calls succeeded`);
  }

  #open(reason: string): void {
    this.#openedAtMs = this.#nowMs();
    this.#timesOpened += 1;
    this.#become('open', reason);
  }

  #become(state: BreakerState, reason: string): void {
    this.#state = state;
    this.#era += 1;
    this.#probing = 0;
    this.#succeeded = 0;
    this.#window = new OutcomeWindow(this.#limits.windowMs);
    this.#options.onChange({ name: this.#options.name, state, reason: toSentence(this.#options.name, state, reason) });
  }

  #retryAfterMs(): number {
    return Math.max(0, Math.ceil(this.#openedAtMs + this.#limits.openMs - this.#nowMs()));
  }

  #refusal(retryAfterMs: number): AppError {
    this.#refused += 1;
    const sentence = `Calls of ${this.#options.name} are held back since too many failed; try again in ${Math.ceil(retryAfterMs / 1_000)} s.`;
    return new AppError('CIRCUIT_OPEN', sentence, { details: { retryAfterMs } });
  }

  #nowMs(): number {
    return this.#options.clock.monoMs();
  }
}

const FREE: Passage = { end: () => undefined };

/** One object for each call that is let through, since tools make 50,000 of them a second. */
class OpenPassage implements Passage {
  readonly #breaker: CircuitBreaker;
  readonly #era: number;
  #isOver = false;

  constructor(breaker: CircuitBreaker, era: number) {
    this.#breaker = breaker;
    this.#era = era;
  }

  end(outcome: CallOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#breaker.note(outcome, this.#era);
  }
}

function toSentence(name: string, state: BreakerState, reason: string): string {
  if (state === 'closed') return `Calls of ${name} are let through again: ${reason}.`;
  if (state === 'open') return `Calls of ${name} are held back: ${reason}.`;
  return `Calls of ${name} were held back; ${reason} now.`;
}
