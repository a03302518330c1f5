import { AppError } from '../../shared/errors/app-error.ts';
import type { Clock } from '../time/clock.ts';
import type { ActiveCall } from './active-call.ts';
import { DeadlineList } from './deadline-list.ts';

/** A tool that was asked to end has this long; a program in it gets its own grace within it. */
const END_GRACE_MS = 5_000;

/** Watches the calls that run: their time limit, and the signals of those who asked for them. */
export class CallLimits {
  readonly timeoutMs: number;
  readonly #clock: Clock;
  readonly #running: DeadlineList;
  readonly #ending: DeadlineList;
  /** One listener for each signal, however many calls hang on it. */
  readonly #watched = new Map<AbortSignal, WatchedSignal>();

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.timeoutMs = timeoutMs;
    this.#running = new DeadlineList(clock, timeoutMs);
    this.#ending = new DeadlineList(clock, END_GRACE_MS);
  }

  started(call: ActiveCall, nowMonoMs: number): void {
    this.#running.add(call, nowMonoMs);
    const signal = call.callerSignal;
    let watched = this.#watched.get(signal);
    if (watched === undefined) {
      watched = { calls: new Set(), onAbort: () => this.#cancelAll(signal) };
      this.#watched.set(signal, watched);
      signal.addEventListener('abort', watched.onAbort);
    }
    watched.calls.add(call);
  }

  cutShort(call: ActiveCall): void {
    this.#running.remove(call);
    if (call.isStarted) this.#ending.add(call, this.#clock.monoMs());
  }

  ended(call: ActiveCall): void {
    if (call.cause === undefined) this.#running.remove(call);
    else this.#ending.remove(call);
    const signal = call.callerSignal;
    const watched = this.#watched.get(signal);
    if (watched === undefined) return;
    watched.calls.delete(call);
    if (watched.calls.size > 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener('abort', watched.onAbort);
  }

  timeUsedUp(tool: string): AppError {
    const sentence = `${tool} did not end within ${this.timeoutMs / 1_000} s; ask for less at once.`;
    return new AppError('TASK_TIMED_OUT', sentence);
  }

  /** Cancels every call that runs. */
  cancelAll(cause: AppError): void {
    for (const { calls } of this.#watched.values()) for (const call of calls) call.cutShort(cause);
  }

  close(): void {
    this.#running.close();
    this.#ending.close();
    for (const [signal, { onAbort }] of this.#watched) signal.removeEventListener('abort', onAbort);
    this.#watched.clear();
  }

  #cancelAll(signal: AbortSignal): void {
    const calls = this.#watched.get(signal)?.calls ?? [];
    for (const call of calls) call.cutShort(toCancellation(signal));
  }
}

interface WatchedSignal {
  readonly calls: Set<ActiveCall>;
  readonly onAbort: () => void;
}

/** The reason of a signal as the error of a cancelled call. */
export function toCancellation(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  if (reason instanceof AppError && reason.code === 'TASK_CANCELLED') return reason;
  return new AppError('TASK_CANCELLED', 'The call was cancelled.', { cause: reason });
}
