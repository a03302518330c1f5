import { AppError, toAppError, type ErrorData } from '../../../shared/errors/app-error.ts';
import { openThread, type Thread } from '../../../runtime/workers/thread.ts';
import type { SizeRecord } from '../history-records.ts';

/** What the thread says once, before it ends. */
export type SizeReply = { readonly tables: readonly SizeRecord[] } | { readonly error: ErrorData };

interface Measuring {
  readonly thread: Thread;
  readonly answer: Promise<readonly SizeRecord[]>;
  /** Who waits for it. */
  waiting: number;
}

/** The sizes of the tables, measured in a thread of their own; disposing of it ends what is under way. */
export interface SizeQuestion extends AsyncDisposable {
  ask(this: void, signal?: AbortSignal): Promise<readonly SizeRecord[]>;
}

/**
 * Measures when it is asked. Who asks while that is under way gets the same answer, so that at most one thread reads the
 * database through; it is ended as soon as nobody waits any more.
 */
export function openSizeQuestion(dataDir: string): SizeQuestion {
  let current: Measuring | undefined;
  const end = async (measuring: Measuring): Promise<void> => {
    if (current === measuring) current = undefined;
    await measuring.thread[Symbol.asyncDispose]();
  };
  return {
    async ask(signal) {
      signal?.throwIfAborted();
      const measuring = (current ??= beginMeasuring(dataDir));
      measuring.waiting++;
      try {
        return await Promise.race([measuring.answer, ...(signal ? [rejectWhenAborted(signal)] : [])]);
      } finally {
        if (--measuring.waiting === 0) await end(measuring);
      }
    },
    async [Symbol.asyncDispose]() {
      if (current) await end(current);
    },
  };
}

function beginMeasuring(dataDir: string): Measuring {
  const thread = openThread({
    name: 'history-size',
    module: new URL('./size-thread.ts', import.meta.url),
    data: { dataDir },
    // It only reads: there is nothing to finish.
    closeGraceMs: 0,
  });
  const { promise, resolve, reject } = Promise.withResolvers<readonly SizeRecord[]>();
  // Whoever waits hears it; the end of the program may leave nobody.
  promise.catch(() => undefined);
  thread.onMessage((message) => {
    const reply = message as SizeReply;
    if ('error' in reply) reject(AppError.fromData(reply.error));
    else resolve(reply.tables);
  });
  thread.onEnd((error) => reject(toAppError(error ?? new Error('The history is closed.'))));
  return { thread, answer: promise, waiting: 0 };
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  return promise;
}
