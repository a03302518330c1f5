import { AppError, isAppError } from '../../../shared/errors/app-error.ts';
import type { Call } from './call.ts';
import type { CpuThreadOptions } from './cpu-thread.ts';

const MB = 1024 * 1024;
/** A task that was there when this many threads died is not given a third. */
const MAX_LOSSES = 2;

/** What becomes of a call whose thread died while it ran: run again, which only what is repeatable may, or the error. */
export function toLoss(
  call: Call,
  cause: Error | undefined,
  options: CpuThreadOptions,
): { readonly error: AppError; readonly isAgain: boolean } {
  const isAgain = call.isRepeatable && call.lossCount < MAX_LOSSES;
  if (isAppError(cause, 'WORKER_OUT_OF_MEMORY')) return { error: toOutOfMemory(cause, options), isAgain };
  if (call.isRepeatable)
    return {
      error: new AppError(
        'TASK_POISONED',
        `"${call.task.name}" ended ${call.lossCount} worker threads and is not run again; look into what it is given.`,
        { cause },
      ),
      isAgain,
    };
  const why = isAppError(cause, 'WORKER_LOST') ? cause.message : `The thread ${options.name} ended.`;
  return { error: new AppError('WORKER_LOST', why, { cause }), isAgain };
}

function toOutOfMemory(cause: AppError, { name, oldGenerationBytes }: CpuThreadOptions): AppError {
  // The limit of what is outside the heap is named already.
  if (cause.details['externalBytes'] !== undefined) return cause;
  const limitMb = Math.round(oldGenerationBytes / MB);
  return new AppError(
    'WORKER_OUT_OF_MEMORY',
    `The task needed more than the ${limitMb} MB that the thread ${name} may keep; raise the limit or give it less.`,
    { cause, details: { oldGenerationBytes } },
  );
}
