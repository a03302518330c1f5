import { AppError, type ErrorData } from '../../shared/errors/app-error.ts';
import { CoarseClock } from '../time/coarse-clock.ts';
import type { Clock } from '../time/clock.ts';
import { Holds } from './holds.ts';
import { Lane } from './lane.ts';
import { laneClosed } from './refusals.ts';
import type { StartBar } from './start-bar.ts';
import { runNameOf } from './waiting/waiting-lines.ts';
import { Weights } from './weights.ts';

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
  /** The part of one turn of its agent and its run that it uses up, from 0.001 to 1; 1 unless told. */
  readonly cost?: number;
}

/**
 * A slot that is held until it is released. A second `release` is refused with `INTERNAL`; disposing releases what is still
 * held. A deadline of its admission limits the waiting only.
 */
export interface Permit extends Disposable {
  /** How long it was waited for. */
  readonly waitMs: number;
  release(): void;
}

/** Limits of one lane. */
export interface LaneLimits {
  /** Work that runs at the same time, 1 and more. */
  readonly maxRunning: number;
  /**
   * Lets the lane find by itself how many may run at once, between this and `maxRunning`, from the latency and the failures
   * of its work (see `AdaptiveLimit`); 1 to `maxRunning`. `maxRunning` holds unless told.
   */
  readonly minRunning?: number | undefined;
  /** Work that may wait, 0 and more; the next is refused with `LANE_SATURATED`. */
  readonly queueCapacity: number;
  /** Slots that one owner holds at once, 1 and more; no such ceiling unless told. Work without an owner has none. */
  readonly maxPerAgent?: number | undefined;
  /**
   * Starts of higher priorities after which waiting `normal` work goes next, 1 and more; `low` after twice as many. 8 unless
   * told. So `low` work with n items of its priority before it starts after at most (n + 1) × (2 × `ageingStarts` + 1)
   * starts, and never starves.
   */
  readonly ageingStarts?: number | undefined;
}

/**
 * Why an item waits: every slot is taken, the pace holds back what may start, work of a higher priority or (`fairness`) of
 * others at their turn goes first though it came later, its agent holds all the slots it may, its owner is paused, or the
 * machine is short of memory.
 */
export type WaitReason = 'no slot' | 'pace' | 'priority' | 'fairness' | 'agent ceiling' | 'paused' | 'memory';

/** An item that waits, at the moment it was asked about. */
export interface WaitingItem {
  readonly lane: LaneName;
  /** '' for nobody in particular. */
  readonly owner: string;
  readonly priority: Priority;
  readonly reason: WaitReason;
  /** 1 starts next if nothing comes or changes; `undefined` when it may not start as things are, or lies beyond 10,000. */
  readonly position: number | undefined;
  /** An estimate by the rate at which the lane ends work; `undefined` when nothing is known. */
  readonly startsInMs: number | undefined;
}

/** Part of what waits in a lane. */
export interface WaitingPage {
  /** How many wait in all. */
  readonly waiting: number;
  /** At most 200, of the first 10,000. */
  readonly items: readonly WaitingItem[];
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
  /** What holds now; of a lane that adapts, what it has found. */
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
  /**
   * Starts nothing new for `owner` and its parts (`run` covers `run/3`, not `run2`) until `resume`; what runs goes on, what
   * waits keeps its place and its deadline. A part stays paused as long as what it belongs to is. Many parts of one run at
   * once cost no more than one.
   */
  pause(owner: string | readonly string[]): void;
  resume(owner: string | readonly string[]): void;
  /**
   * Holds back starts in every lane that `bar` covers, also in lanes that are opened later, until it is replaced or lifted
   * (`undefined`). What runs goes on, what waits keeps its place and its deadline, and says the bar's reason.
   */
  bar(bar: StartBar | undefined): void;
  /**
   * Whether a launch may begin: to be asked before anything of it is opened. Nothing is reserved by it.
   *
   * @throws {AppError} whatever the bar refuses with while it holds the lane back.
   */
  checkStart(lane: LaneName): void;
  /** Cancels what waits for `owner` and its parts, with `error`; answers how many. */
  cancel(owner: string, error: ErrorData): number;
  /**
   * Gives a run (`run`) or an agent (`run/3`) `weight` turns, 1 to 100, for each one of another, in every lane, until the
   * result is disposed of. A later weight of the same owner replaces an earlier one.
   *
   * @throws {AppError} SETTING_INVALID
   */
  weigh(owner: string, weight: number): Disposable;
  /** Why what waits for `owner` and its parts waits, over all lanes; at most 100 items. Costs nothing until it is asked. */
  explain(owner: string): readonly WaitingItem[];
  /**
   * What waits in a lane, what starts next first, from `offset` on (0 and more).
   *
   * @throws {AppError} LANE_CLOSED
   */
  waitingItems(lane: LaneName, page: { readonly offset: number; readonly limit: number }): WaitingPage;
  stats(): readonly LaneStats[];
}

/** What `openGate` is told. */
export interface GateOptions {
  /** Lanes that are there from the start. */
  readonly lanes: Partial<Record<LaneName, LaneLimits>>;
  readonly clock: Clock;
  /** How long disposing of the gate waits for what runs. */
  readonly closeGraceMs?: number;
}

/** Work that was told to stop gets this long to do so before the gate stops waiting for it. */
const CLOSE_GRACE_MS = 5_000;
/** Items `explain` answers at most. */
const MAX_EXPLAINED = 100;

/**
 * Opens a gate with its lanes. Disposing of it refuses what waits and whatever comes with `LANE_CLOSED`, and resolves when
 * what runs has ended, or after `closeGraceMs`.
 *
 * @throws {AppError} SETTING_INVALID when a limit is out of bounds.
 */
export function openGate(options: GateOptions): Gate {
  const gate = new LaneGate(options);
  for (const [name, limits] of Object.entries(options.lanes)) if (limits) gate.openLane(name as LaneName, limits);
  return gate;
}

class LaneGate implements Gate {
  private readonly lanes = new Map<LaneName, Lane>();
  private readonly holds = new Holds();
  private readonly weights = new Weights();
  private readonly weighed = new Map<string, symbol>();
  private readonly clock: Clock;
  private readonly coarse: CoarseClock;
  private readonly closeGraceMs: number;
  private startBar: StartBar | undefined;

  constructor(options: GateOptions) {
    this.clock = options.clock;
    this.coarse = new CoarseClock(options.clock);
    this.closeGraceMs = options.closeGraceMs ?? CLOSE_GRACE_MS;
  }

  submit<T>(lane: LaneName, work: () => T | PromiseLike<T>, admission?: Admission): Promise<T> {
    const found = this.lanes.get(lane);
    return found === undefined ? Promise.reject(laneClosed(lane)) : found.submit(work, admission);
  }

  acquire(lane: LaneName, admission?: Admission): Promise<Permit> {
    const found = this.lanes.get(lane);
    return found === undefined ? Promise.reject(laneClosed(lane)) : found.acquire(admission);
  }

  openLane(name: LaneName, limits: LaneLimits, pace?: Pace): Disposable {
    if (this.lanes.has(name)) throw new AppError('INTERNAL', `The ${name} lane is open already; close it first.`);
    checkLimits(name, limits);
    const { clock, coarse, holds, weights } = this;
    const lane = new Lane({ name, limits, pace, clock, coarse, holds, weights });
    if (this.startBar) lane.applyBar(this.startBar);
    this.lanes.set(name, lane);
    return {
      [Symbol.dispose]: () => {
        if (this.lanes.get(name) === lane) this.lanes.delete(name);
        lane.close();
      },
    };
  }

  reconfigure(name: LaneName, limits: Partial<LaneLimits>): void {
    const lane = this.lanes.get(name);
    if (lane === undefined) throw laneClosed(name);
    const wanted = { ...lane.limits, ...limits };
    checkLimits(name, wanted);
    lane.setLimits(wanted);
  }

  pause(owner: string | readonly string[]): void {
    const owners = typeof owner === 'string' ? [owner] : owner;
    for (const each of owners) this.holds.add(each);
    this.applyHolds(owners);
  }

  resume(owner: string | readonly string[]): void {
    const owners = typeof owner === 'string' ? [owner] : owner;
    for (const each of owners) this.holds.delete(each);
    this.applyHolds(owners);
  }

  bar(bar: StartBar | undefined): void {
    this.startBar = bar;
    for (const lane of this.lanes.values()) lane.applyBar(bar);
  }

  checkStart(name: LaneName): void {
    const refusal = this.lanes.get(name)?.refusalByBar();
    if (refusal) throw refusal;
  }

  cancel(owner: string, error: ErrorData): number {
    let count = 0;
    for (const lane of this.lanes.values()) count += lane.cancel(owner, error);
    return count;
  }

  weigh(owner: string, weight: number): Disposable {
    this.setWeight(owner, weight);
    const key = Symbol(owner);
    this.weighed.set(owner, key);
    return {
      [Symbol.dispose]: () => {
        if (this.weighed.get(owner) !== key) return;
        this.weighed.delete(owner);
        this.setWeight(owner, 1);
      },
    };
  }

  explain(owner: string): readonly WaitingItem[] {
    const items: WaitingItem[] = [];
    for (const lane of this.lanes.values()) {
      if (items.length >= MAX_EXPLAINED) break;
      items.push(...lane.report().ofOwner(owner, MAX_EXPLAINED - items.length));
    }
    return items;
  }

  waitingItems(name: LaneName, { offset, limit }: { offset: number; limit: number }): WaitingPage {
    const lane = this.lanes.get(name);
    if (lane === undefined) throw laneClosed(name);
    return lane.report().page(offset, limit);
  }

  private applyHolds(owners: readonly string[]): void {
    const changed = owners.length === 1 ? owners : new Set(owners.map(runNameOf));
    for (const lane of this.lanes.values()) for (const owner of changed) lane.applyHolds(owner);
  }

  private setWeight(owner: string, weight: number): void {
    this.weights.set(owner, weight);
    for (const lane of this.lanes.values()) lane.applyWeight(owner);
  }

  stats(): readonly LaneStats[] {
    return [...this.lanes.values()].map((lane) => lane.stats());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const lanes = [...this.lanes.values()];
    this.lanes.clear();
    for (const lane of lanes) lane.close();
    const { promise: graceOver, resolve } = Promise.withResolvers<void>();
    using _timer = this.clock.after(this.closeGraceMs, resolve);
    await Promise.race([Promise.all(lanes.map((lane) => lane.idle())), graceOver]);
  }
}

function checkLimits(lane: LaneName, limits: LaneLimits): void {
  checkCount(lane, 'maxRunning', limits.maxRunning, 1);
  checkCount(lane, 'queueCapacity', limits.queueCapacity, 0);
  const { minRunning, maxRunning } = limits;
  if (minRunning !== undefined) checkCount(lane, 'minRunning', minRunning, 1);
  if (minRunning !== undefined && minRunning > maxRunning) {
    const message = `minRunning of the ${lane} lane is ${minRunning}, above its maxRunning of ${maxRunning}; lower the one or raise the other.`;
    throw new AppError('SETTING_INVALID', message);
  }
  if (limits.maxPerAgent !== undefined) checkCount(lane, 'maxPerAgent', limits.maxPerAgent, 1);
  if (limits.ageingStarts !== undefined) checkCount(lane, 'ageingStarts', limits.ageingStarts, 1);
}

function checkCount(lane: LaneName, key: keyof LaneLimits, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new AppError(
    'SETTING_INVALID',
    `${key} of the ${lane} lane is ${value}; it takes a whole number from ${least} on.`,
  );
}
