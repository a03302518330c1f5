import { AppError } from '../../../shared/errors/app-error.ts';
import { MAX_DEADLINE_MS } from '../../admission/deadline-wheel.ts';
import { Deadlines } from '../../admission/deadlines.ts';
import { SignalWatch } from '../../admission/signal-watch.ts';
import type { Clock } from '../../time/clock.ts';
import type { CoarseClock } from '../../time/coarse-clock.ts';
import type { Call } from './call.ts';

const FIRST_CAPACITY = 256;

/** What ends a call before its task does. */
export interface Limits {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** The deadlines and signals of calls: constant time each, one timer for all deadlines, one listener for each signal. */
export class CallLimits {
  private readonly deadlines: Deadlines;
  private readonly signals: SignalWatch;
  private readonly calls: (Call | undefined)[] = Array.from({ length: FIRST_CAPACITY });
  private readonly free: number[] = Array.from({ length: FIRST_CAPACITY }, (_, index) => index);
  private readonly onEnd: (call: Call, error: AppError) => void;

  /** @param onEnd Called with TASK_TIMED_OUT or TASK_CANCELLED for a call whose limit was reached; it has no limits any more. */
  constructor(clock: Clock, coarse: CoarseClock, onEnd: (call: Call, error: AppError) => void) {
    this.onEnd = onEnd;
    this.deadlines = new Deadlines(clock, coarse, FIRST_CAPACITY, (record) => this.end(record, timedOut()));
    this.signals = new SignalWatch((record, signal) => this.end(record, cancelled(signal)));
  }

  /** @throws {AppError} INPUT_INVALID for a deadline that is none, TASK_CANCELLED when the signal has aborted already. */
  add(call: Call, { deadlineMs, signal }: Limits): void {
    if (deadlineMs === undefined && signal === undefined) return;
    if (deadlineMs !== undefined && !(deadlineMs >= 0 && deadlineMs <= MAX_DEADLINE_MS))
      throw new AppError('INPUT_INVALID', `A deadline is 0 to ${MAX_DEADLINE_MS} ms; ${deadlineMs} is not.`);
    if (signal?.aborted) throw cancelled(signal);
    const record = this.free.pop() ?? this.grow();
    this.calls[record] = call;
    call.limitRecord = record;
    if (deadlineMs !== undefined) this.deadlines.add(record, deadlineMs);
    if (signal !== undefined) this.signals.add(record, signal);
  }

  /** Nothing happens when the call has no limits. */
  remove(call: Call): void {
    const record = call.limitRecord;
    if (record === -1) return;
    call.limitRecord = -1;
    this.calls[record] = undefined;
    this.deadlines.remove(record);
    this.signals.remove(record);
    this.free.push(record);
  }

  close(): void {
    this.deadlines.close();
  }

  private end(record: number, error: AppError): void {
    const call = this.calls[record]!;
    this.remove(call);
    this.onEnd(call, error);
  }

  /** Twice the room; one of the new numbers. */
  private grow(): number {
    const before = this.calls.length;
    this.calls.length = before * 2;
    this.calls.fill(undefined, before);
    this.deadlines.grow(before * 2);
    for (let record = before * 2 - 1; record > before; record--) this.free.push(record);
    return before;
  }
}

function timedOut(): AppError {
  return new AppError('TASK_TIMED_OUT', 'The task did not end before its deadline; give it more time or less to do.');
}

function cancelled(signal: AbortSignal): AppError {
  return new AppError('TASK_CANCELLED', 'The task was cancelled by its caller.', { cause: signal.reason as unknown });
}
