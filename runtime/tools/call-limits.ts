import { AppError } from '../../shared/errors/app-error.ts';
import type { Clock } from '../time/clock.ts';
import type { ActiveCall } from './active-call.ts';
import { DeadlineList } from './deadline-list.ts';

/** A tool that was asked to end has this long; a program in it gets its own grace within it. */
const END_GRACE_MS = 5_000;
/** Signals are forgotten when there are this many, and twice as many as are in use. */
const SWEEP_AT = 1_024;

/**
 * Watches the calls that run: their time limit, and the signals of those who asked for them.
 *
 * An agent's calls follow each other under one signal, so its listener stays from one call to the next; which calls hang on
 * a signal is found out when it aborts, from the calls that run, of which there are few.
 */
export class CallLimits {
  readonly #clock: Clock;
  /** By time limit: the one that holds, and those of before that some call still runs under. */
  readonly #running = new Map<number, DeadlineList<ActiveCall>>();
  /** What the last call was added to. */
  #newest: DeadlineList<ActiveCall> | undefined;
  readonly #ending: DeadlineList<ActiveCall>;
  readonly #watched = new Map<AbortSignal, () => void>();
  #sweepAt = SWEEP_AT;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ending = new DeadlineList(clock, END_GRACE_MS);
  }

  /** Watches a call by its own time limit, which stays as it is until it has ended. */
  started(call: ActiveCall, nowMonoMs: number): void {
    if (call.timeoutMs !== this.#newest?.limitMs) this.#newest = this.#open(call.timeoutMs);
    this.#newest.add(call, nowMonoMs);
    if (!this.#watched.has(call.callerSignal)) this.#watch(call.callerSignal);
  }

  cutShort(call: ActiveCall): void {
    this.#running.get(call.timeoutMs)?.remove(call);
    if (call.isStarted) this.#ending.add(call, this.#clock.monoMs());
  }

  ended(call: ActiveCall): void {
    if (call.cause === undefined) this.#running.get(call.timeoutMs)?.remove(call);
    else this.#ending.remove(call);
  }

  /** Cancels every call that runs. */
  cancelAll(cause: AppError): void {
    for (const call of this.#calls()) call.cutShort(cause);
  }

  close(): void {
    for (const list of this.#running.values()) list.close();
    this.#ending.close();
    for (const [signal, onAbort] of this.#watched) signal.removeEventListener('abort', onAbort);
    this.#watched.clear();
  }

  /** The list of a limit that was not the last one; forgets those of other limits in which nothing is left. */
  #open(timeoutMs: number): DeadlineList<ActiveCall> {
    for (const [limitMs, list] of this.#running) {
      if (!list.isEmpty || limitMs === timeoutMs) continue;
      list.close();
      this.#running.delete(limitMs);
    }
    const list = this.#running.get(timeoutMs) ?? new DeadlineList<ActiveCall>(this.#clock, timeoutMs);
    this.#running.set(timeoutMs, list);
    return list;
  }

  #calls(): ActiveCall[] {
    return [...this.#running.values()].flatMap((list) => list.items());
  }

  #watch(signal: AbortSignal): void {
    if (signal.aborted) return this.#cancel(signal);
    if (this.#watched.size >= this.#sweepAt) this.#sweep();
    const onAbort = (): void => {
      this.#watched.delete(signal);
      this.#cancel(signal);
    };
    this.#watched.set(signal, onAbort);
    signal.addEventListener('abort', onAbort, { once: true });
  }

  #cancel(signal: AbortSignal): void {
    const cause = toCancellation(signal);
    for (const call of this.#calls()) if (call.callerSignal === signal) call.cutShort(cause);
  }

  #sweep(): void {
    const used = new Set(this.#calls().map((call) => call.callerSignal));
    for (const [signal, onAbort] of this.#watched) {
      if (used.has(signal)) continue;
      signal.removeEventListener('abort', onAbort);
      this.#watched.delete(signal);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#watched.size);
  }
}

/** The reason of a signal as the error of a cancelled call. */
export function toCancellation(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  if (reason instanceof AppError && reason.code === 'TASK_CANCELLED') return reason;
  return new AppError('TASK_CANCELLED', 'The call was cancelled.', { cause: reason });
}
