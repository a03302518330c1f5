import { AppError } from '../../../shared/errors/app-error.ts';
import { systemClock } from '../../time/clock.ts';

/** A check that throws when `limitMs` have passed since it was made, so that a task ends by itself and keeps its thread. */
export function createTimeLimit(limitMs: number, advice: string): () => void {
  const endMs = systemClock.monoMs() + limitMs;
  return () => {
    if (systemClock.monoMs() < endMs) return;
    throw new AppError('TASK_TIMED_OUT', `It took more than ${limitMs / 1_000} s; ${advice}.`);
  };
}
