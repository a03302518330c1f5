import type { FleetSourceOptions } from '../../runtime/fleet/read-fleet.ts';
import type { Clock, Timer } from '../../runtime/time/clock.ts';
import { openThread, type Thread } from '../../runtime/workers/thread.ts';
import { AppError, toAppError, type ErrorData } from '../../shared/errors/app-error.ts';
import type { FleetProblem } from '../../shared/fleet/fleet-problem.ts';
import type { FleetOutline } from './fleet-outline.ts';

/** A file on its way to the thread. */
export interface CheckRequest {
  readonly id: number;
  readonly options: FleetSourceOptions;
}

/** The mistakes of a fleet file; the outline of what it would start when there are none. */
interface CheckedFleet {
  readonly problems: readonly FleetProblem[];
  readonly outline?: FleetOutline;
}

/** The thread's answer. */
export type CheckReply =
  | { readonly id: number; readonly checked: CheckedFleet }
  | { readonly id: number; readonly error: ErrorData };

/** Checks fleet files without holding up main, however large they are. */
export interface FleetChecker extends AsyncDisposable {
  /** @throws {AppError} FLEET_NOT_FOUND; LANE_SATURATED with 16 checks waiting; DEADLINE_EXCEEDED after 25 s */
  check(options: FleetSourceOptions): Promise<CheckedFleet>;
}

/** Checks that wait or run: a person types in one window, and has a few open. */
const MAX_CHECKS = 16;

/** One file takes at most this long: less than the contract's deadline, more than any file of 4 MiB was seen to take. */
const CHECK_MS = 25_000;

/** A thread that nobody needs gives its memory (about 30 MB) back after this long. */
const IDLE_MS = 60_000;

/**
 * One thread for all checks, opened at the first and closed after a minute without one. It is a thread of its own because a
 * file of 10,000 entries takes half a second of work, and the cpu lane belongs to the tools of runs.
 */
export function createFleetChecker(clock: Clock): FleetChecker {
  return new ThreadChecker(clock);
}

interface Waiting {
  readonly settled: PromiseWithResolvers<CheckedFleet>;
  readonly limit: Timer;
}

class ThreadChecker implements FleetChecker {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Thread | undefined;
  #idle: Timer | undefined;
  #nextId = 1;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async check(options: FleetSourceOptions): Promise<CheckedFleet> {
    if (this.#closed) throw new AppError('LANE_CLOSED', 'The program is ending.');
    if (this.#waiting.size >= MAX_CHECKS) {
      throw new AppError('LANE_SATURATED', 'Too many fleet files are being checked; try again in a moment.');
    }
    this.#idle?.[Symbol.dispose]();
    this.#thread ??= this.#open();
    const id = this.#nextId++;
    const settled = Promise.withResolvers<CheckedFleet>();
    this.#waiting.set(id, { settled, limit: this.#clock.after(CHECK_MS, () => this.#giveUp()) });
    this.#thread.post({ id, options } satisfies CheckRequest);
    return await settled.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#idle?.[Symbol.dispose]();
    this.#failAll(new AppError('LANE_CLOSED', 'The program is ending.'));
    await this.#close();
  }

  #open(): Thread {
    const thread = openThread({
      name: 'fleet-check',
      module: new URL('./fleet-check-thread.ts', import.meta.url),
      closeGraceMs: 0,
    });
    thread.onMessage((message) => this.#settle(message as CheckReply));
    thread.onEnd((error) => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#failAll(toAppError(error ?? new Error('The thread that checks fleet files has ended.')));
    });
    return thread;
  }

  #settle(reply: CheckReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    waiting?.limit[Symbol.dispose]();
    if ('error' in reply) waiting?.settled.reject(AppError.fromData(reply.error));
    else waiting?.settled.resolve(reply.checked);
    if (this.#waiting.size > 0 || this.#closed) return;
    this.#idle = this.#clock.after(IDLE_MS, () => void this.#close());
    this.#idle.keepAlive(false);
  }

  /** What holds up the thread cannot be told from what waits behind it, so all of it is given up. */
  #giveUp(): void {
    const sentence = `Checking the fleet file took longer than ${CHECK_MS / 1_000} s; is one of its tables very large?`;
    this.#failAll(new AppError('DEADLINE_EXCEEDED', sentence));
    void this.#close();
  }

  #failAll(error: AppError): void {
    for (const { settled, limit } of this.#waiting.values()) {
      limit[Symbol.dispose]();
      settled.reject(error);
    }
    this.#waiting.clear();
  }

  async #close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.[Symbol.asyncDispose]();
  }
}
