import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import type { LaneName } from './gate.ts';

/**
 * An error of the gate, made without a stack: the stack would show the gate and not the caller, and collecting it costs
 * twenty times the refusal itself, just when a flood has to be turned away.
 */
function refusal(code: ErrorCode, message: string, options?: ConstructorParameters<typeof AppError>[2]): AppError {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new AppError(code, message, options);
  Error.stackTraceLimit = limit;
  return error;
}

/** LANE_SATURATED: the queue holds all it may; the details say when to try again. */
export function laneSaturated(lane: LaneName, waiting: number, retryAfterMs: number): AppError {
  const message = `The ${lane} lane is full: ${waiting} already wait. Try again in ${retryAfterMs} ms.`;
  return refusal('LANE_SATURATED', message, { details: { retryAfterMs, lane } });
}

/** LANE_CLOSED, also of a lane that was never opened. */
export function laneClosed(lane: LaneName): AppError {
  return refusal('LANE_CLOSED', `The ${lane} lane is closed or was never opened; open it before work is given to it.`, {
    details: { lane },
  });
}

/** TASK_TIMED_OUT; the details say whether the work had started. */
export function timedOut(lane: LaneName, hasStarted: boolean): AppError {
  const where = hasStarted ? 'while it ran' : 'before it could start';
  const message = `The deadline of work in the ${lane} lane passed ${where}; give it more time or the lane more slots.`;
  return refusal('TASK_TIMED_OUT', message, { details: { lane, hasStarted } });
}

/** TASK_CANCELLED of work that had not started; `cause` is the reason of its signal. */
export function cancelled(lane: LaneName, cause: unknown): AppError {
  return refusal('TASK_CANCELLED', `Work in the ${lane} lane was cancelled before it started.`, {
    details: { lane },
    cause,
  });
}

/** INPUT_INVALID for a deadline that no timer can keep. */
export function badAdmission(deadlineMs: number): AppError {
  return new AppError(
    'INPUT_INVALID',
    `A deadline of ${deadlineMs} ms is not a number of milliseconds up to 12 days; leave it out for none.`,
  );
}

/** INPUT_INVALID for a cost that no turn could pay. */
export function badCost(cost: number): AppError {
  return new AppError(
    'INPUT_INVALID',
    `A cost of ${cost} is not a part of a turn, from 0.001 to 1; leave it out for 1.`,
  );
}
