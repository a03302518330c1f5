import { AppError } from '../../shared/errors/app-error.ts';
import type { Clock } from '../time/clock.ts';

/** Limits of one call. */
export interface CpuCallLimits {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** One signal for the deadline and the caller's cancellation of a call; disposing of it stops the timer. */
export interface StopSignal extends Disposable {
  /** Absent when the call has no limits. */
  readonly signal: AbortSignal | undefined;
  /** Why it aborted: TASK_TIMED_OUT or TASK_CANCELLED. */
  reason(): AppError | undefined;
}

const NEVER: StopSignal = { signal: undefined, reason: () => undefined, [Symbol.dispose]: () => {} };

/** Starts the deadline of a call, which covers its waiting and its running. */
export function openStopSignal({ deadlineMs, signal }: CpuCallLimits, clock: Clock): StopSignal {
  if (deadlineMs === undefined && signal === undefined) return NEVER;
  const controller = new AbortController();
  let reason: AppError | undefined;
  const stop = (why: AppError): void => {
    reason ??= why;
    controller.abort();
  };
  const onAbort = (): void => {
    stop(new AppError('TASK_CANCELLED', 'The task was cancelled by its caller.', { cause: signal?.reason }));
  };
  const onDue = (): void => {
    stop(
      new AppError('TASK_TIMED_OUT', `The task did not end within ${deadlineMs} ms; give it more time or less to do.`),
    );
  };
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = deadlineMs === undefined ? undefined : clock.after(deadlineMs, onDue);
  return {
    signal: controller.signal,
    reason: () => reason,
    [Symbol.dispose]: () => {
      timer?.[Symbol.dispose]();
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
