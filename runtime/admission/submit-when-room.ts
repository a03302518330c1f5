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
export async function submitWhenRoom<T>(gate: Gate, submission: PatientSubmission<T>): Promise<T> {
  const { lane, work, admission, clock } = submission;
  let started = false;
  const once = (): T | PromiseLike<T> => {
    started = true;
    return work();
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return await gate.submit(lane, once, admission);
    } catch (error) {
      // Work that ran and was itself refused by some lane must not run again.
      if (started || !isAppError(error, 'LANE_SATURATED')) throw error;
      const waitMs = backoffMs(
        attempt,
        submission.random ? { ...BACKOFF, random: submission.random } : BACKOFF,
        error.details.retryAfterMs,
      );
      submission.onRefused?.(attempt, waitMs);
      await clock.sleep(waitMs, admission?.signal);
    }
  }
}
