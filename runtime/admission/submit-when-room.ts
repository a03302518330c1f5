import { isAppError } from '../../shared/errors/app-error.ts';
import { backoffMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import type { Admission, Gate, LaneName } from './gate.ts';

/** Ceilings of the wait between two attempts, beside what the lane itself asks for. */
const BACKOFF = { baseMs: 10, maxMs: 2_000 };

/** Work that is to be submitted until the lane has room for it. */
export interface PatientSubmission<T> {
  readonly lane: LaneName;
  readonly work: () => T | PromiseLike<T>;
  /** Its deadline starts anew with each attempt; its signal also ends the waiting between attempts. */
  readonly admission?: Admission;
  readonly clock: Clock;
  /** Called before each wait, for "why does it not start". */
  readonly onRefused?: (attempt: number, waitMs: number) => void;
  /** A number in [0, 1); `Math.random` unless a test holds it. */
  readonly random?: () => number;
}

/**
 * Submits work, and when the lane is full comes back after `retryAfterMs` and a random part of an exponentially growing wait,
 * until it is accepted or its signal aborts. Nothing is refused with `LANE_SATURATED` here.
 *
 * @throws {AppError} LANE_CLOSED, TASK_TIMED_OUT, TASK_CANCELLED, and whatever `work` throws; the reason of the signal when
 * it aborts between two attempts.
 */
export function submitWhenRoom<T>(gate: Gate, submission: PatientSubmission<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    new PatientCaller(gate, submission, resolve, reject).submit();
  });
}

/**
 * One caller on its way to a slot. Between two attempts it keeps a timer and this object, nothing of the refusal: a million
 * callers may be waiting at once, and an async function would keep the error it has caught for as long as it sleeps.
 */
class PatientCaller<T> {
  private readonly gate: Gate;
  private readonly submission: PatientSubmission<T>;
  private readonly resolve: (value: T) => void;
  private readonly reject: (error: unknown) => void;
  private attempt = 0;
  private isStarted = false;

  constructor(
    gate: Gate,
    submission: PatientSubmission<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.gate = gate;
    this.submission = submission;
    this.resolve = resolve;
    this.reject = reject;
  }

  submit(): void {
    const { lane, work, admission } = this.submission;
    const once = (): T | PromiseLike<T> => {
      this.isStarted = true;
      return work();
    };
    this.gate.submit(lane, once, admission).then(this.resolve, (refusal: unknown) => this.comeBack(refusal));
  }

  private comeBack(refusal: unknown): void {
    // Work that ran and was itself refused by some lane must not run again.
    if (this.isStarted || !isAppError(refusal, 'LANE_SATURATED')) return this.reject(refusal);
    const { admission, clock, random, onRefused } = this.submission;
    const backoff = random === undefined ? BACKOFF : { ...BACKOFF, random };
    const waitMs = backoffMs(++this.attempt, backoff, refusal.details.retryAfterMs);
    const signal = admission?.signal;
    try {
      onRefused?.(this.attempt, waitMs);
      if (signal === undefined) clock.after(waitMs, () => this.submit());
      else clock.sleep(waitMs, signal).then(() => this.submit(), this.reject);
    } catch (broken) {
      this.reject(broken);
    }
  }
}
