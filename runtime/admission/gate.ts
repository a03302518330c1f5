import type { ErrorData } from '../../shared/errors/app-error.ts';

/** A bounded pool for one resource. `provider:<name>` holds the permits of one provider, `run:<id>` the agents of one run. */
export type LaneName = 'io' | 'cpu' | 'process' | `provider:${string}` | `run:${string}`;

/** `high` is what a person waits for, `low` what may wait. */
export type Priority = 'high' | 'normal' | 'low';

/** How a piece of work wants to be admitted. */
export interface Admission {
  readonly priority?: Priority;
  /** Who it is for: `<run id>` or `<run id>/<agent index>`; the key of fairness, statistics and "why does it wait". */
  readonly owner?: string;
  /** Limit on waiting plus running, from now. */
  readonly deadlineMs?: number;
  /** Drops waiting work with `TASK_CANCELLED`; running work gets the signal itself. */
  readonly signal?: AbortSignal;
  /** What a pace (requests and tokens a minute) is charged for it, in tokens. */
  readonly tokens?: number;
}

/** A slot that is held until it is released. Releasing twice is refused with `INTERNAL`. */
export interface Permit extends Disposable {
  /** How long it was waited for. */
  readonly waitMs: number;
  release(): void;
}

/** Limits of one lane. */
export interface LaneLimits {
  /** Work that runs at the same time, 1 and more. */
  readonly maxRunning: number;
  /** Work that may wait, 0 and more; the next is refused with `LANE_SATURATED`. */
  readonly queueCapacity: number;
}

/** Consulted before a lane starts an item, for limits over time. */
export interface Pace {
  /** Takes `tokens` and one request when both are there and answers 0, else the time until they may be, in milliseconds. */
  take(tokens: number): number;
}

/** A lane at one moment. */
export interface LaneStats {
  readonly name: LaneName;
  readonly running: number;
  readonly waiting: number;
  readonly maxRunning: number;
  readonly queueCapacity: number;
  /** Since it was opened. */
  readonly completed: number;
  readonly failed: number;
  readonly refused: number;
  readonly cancelled: number;
  readonly timedOut: number;
  /** Of the last samples (a ring of fixed size); `undefined` before the first. */
  readonly waitP50Ms: number | undefined;
  readonly waitP99Ms: number | undefined;
  readonly runP50Ms: number | undefined;
  readonly runP99Ms: number | undefined;
}

/**
 * The one way to start work: every launch, resume, retry and tool call crosses it.
 *
 * Nothing grows without limit: with `queueCapacity` items waiting a call rejects at once with
 * `LANE_SATURATED` and its `retryAfterMs`, and the work was not accepted. Each accepted item is
 * started at most once and settles exactly once.
 */
export interface Gate extends AsyncDisposable {
  /**
   * Runs `work` when the lane has a slot.
   *
   * @throws {AppError} LANE_SATURATED, LANE_CLOSED, TASK_TIMED_OUT, TASK_CANCELLED, and whatever `work` throws.
   */
  submit<T>(lane: LaneName, work: () => T | PromiseLike<T>, admission?: Admission): Promise<T>;
  /**
   * Waits for a slot and hands it out; for work that is not one function.
   *
   * @throws {AppError} LANE_SATURATED, LANE_CLOSED, TASK_TIMED_OUT or TASK_CANCELLED.
   */
  acquire(lane: LaneName, admission?: Admission): Promise<Permit>;
  /** Adds a lane; disposing of the result closes it: what waits is refused with `LANE_CLOSED`, what runs goes on. */
  openLane(lane: LaneName, limits: LaneLimits, pace?: Pace): Disposable;
  /** Changes a lane's limits at once; a lower ceiling lets what runs finish. */
  reconfigure(lane: LaneName, limits: Partial<LaneLimits>): void;
  /** Starts nothing new for owners that begin with `owner` until `resume`; what runs goes on, what waits keeps its place. */
  pause(owner: string): void;
  resume(owner: string): void;
  /** Cancels what waits for owners that begin with `owner`; answers how many. */
  cancel(owner: string, error: ErrorData): number;
  stats(): readonly LaneStats[];
}
