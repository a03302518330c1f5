import type { AppError } from '../../shared/errors/app-error.ts';
import { MAX_DEADLINE_MS } from './deadline-wheel.ts';
import type { Admission, LaneName } from './gate.ts';
import { badAdmission, badCost, cancelled, timedOut } from './refusals.ts';
import { FULL_TURN } from './waiting/turns.ts';

/** Whether work that asks so may be accepted; asked for each call, so it makes nothing. */
export function isAcceptable({ signal, deadlineMs, cost }: Admission): boolean {
  if (signal !== undefined && signal.aborted) return false;
  if (deadlineMs !== undefined && !(deadlineMs > 0 && deadlineMs <= MAX_DEADLINE_MS)) return false;
  return cost === undefined || isCost(cost);
}

/** Why work that asks so is not accepted: TASK_CANCELLED, TASK_TIMED_OUT or INPUT_INVALID. */
export function toRefusal(lane: LaneName, { signal, deadlineMs, cost }: Admission): AppError {
  if (cost !== undefined && !isCost(cost)) return badCost(cost);
  if (signal?.aborted) return cancelled(lane, signal.reason);
  return deadlineMs! <= 0 ? timedOut(lane, false) : badAdmission(deadlineMs!);
}

function isCost(cost: number): boolean {
  return cost >= 1 / FULL_TURN && cost <= 1;
}
