import { AppError, type ErrorData } from '../../shared/errors/app-error.ts';
import type { Clock, Timer } from '../time/clock.ts';
import type { CoarseClock } from '../time/coarse-clock.ts';
import { AgentCeiling } from './agent-ceiling.ts';
import { isAcceptable, toRefusal } from './admission-check.ts';
import { ComeBack } from './come-back.ts';
import { Deadlines } from './deadlines.ts';
import type { Admission, LaneLimits, LaneName, LaneStats, Pace, Permit } from './gate.ts';
import { toPermit } from './held-permit.ts';
import type { Holds } from './holds.ts';
import { LaneCeiling } from './lane-ceiling.ts';
import { LaneFigures, UNTIMED } from './lane-figures.ts';
import { cancelled, laneClosed, laneSaturated, timedOut } from './refusals.ts';
import type { StartBar } from './start-bar.ts';
import { SignalWatch } from './signal-watch.ts';
import { Slot, type SlotOwner } from './slot.ts';
import { ignore, SlotPool } from './slot-pool.ts';
import { FULL_TURN } from './waiting/turns.ts';
import { WaitingLines, type Line } from './waiting/waiting-lines.ts';
import { FIRST_CAPACITY, WaitingRecords, type Settle, type Work } from './waiting/waiting-records.ts';
import { WaitingReport } from './waiting/waiting-report.ts';
import type { Weights } from './weights.ts';

const NONE = -1;
/** Starts of higher priorities after which `normal` goes next, unless a lane is told otherwise; `low` after twice as many. */
const AGEING_STARTS = 8;

/** What a lane is made of. */
export interface LaneParts {
  readonly name: LaneName;
  readonly limits: LaneLimits;
  readonly pace: Pace | undefined;
  readonly clock: Clock;
  readonly coarse: CoarseClock;
  readonly holds: Holds;
  readonly weights: Weights;
}

const NO_ADMISSION: Admission = {};

/** The functions of the promise made last: one executor for all promises instead of a closure for each. */
let lastResolve: Settle;
let lastReject: Settle;
function capture(resolve: Settle, reject: Settle): void {
  lastResolve = resolve;
  lastReject = reject;
}

/**
 * One lane of the gate.
 *
 * Work that finds a slot free starts inside the call and costs one promise, the one the caller gets. Work that waits, or has
 * a deadline, has a numbered record in typed arrays; starting, cancelling and timing it out take a constant number of
 * operations.
 */
export class Lane implements SlotOwner {
  readonly name: LaneName;
  private now: LaneLimits;
  /** `LaneCeiling.max`, kept at hand: it is looked at for each start and each end. */
  private maxRunning = 0;
  private queueCapacity: number;
  private readonly top: LaneCeiling;
  private readonly pace: Pace | undefined;
  private readonly clock: Clock;
  private readonly coarse: CoarseClock;
  private readonly holds: Holds;
  private readonly deadlines: Deadlines;
  private readonly records: WaitingRecords;
  private readonly lines: WaitingLines;
  private readonly signals: SignalWatch;
  private readonly slots: SlotPool;
  private readonly ceiling: AgentCeiling;
  private readonly comeBack = new ComeBack();
  private readonly figures: LaneFigures;
  private paceTimer: Timer | undefined;
  private paceDueMs = Number.POSITIVE_INFINITY;
  private isPumping = false;
  private isClosed = false;
  private onIdle: (() => void)[] = [];
  private running = 0;
  private arrivals = 0;

  constructor(parts: LaneParts) {
    this.name = parts.name;
    this.now = parts.limits;
    this.top = new LaneCeiling(parts.name, parts.coarse);
    this.queueCapacity = parts.limits.queueCapacity;
    this.pace = parts.pace;
    this.clock = parts.clock;
    this.coarse = parts.coarse;
    this.holds = parts.holds;
    this.figures = new LaneFigures(parts.coarse);
    this.deadlines = new Deadlines(parts.clock, parts.coarse, FIRST_CAPACITY, (record) => this.expire(record));
    this.records = new WaitingRecords(this.deadlines);
    this.lines = new WaitingLines(
      this.records,
      { isHeld: (owner) => this.holds.has(owner), weightOf: (owner) => parts.weights.of(owner) },
      AGEING_STARTS,
    );
    this.slots = new SlotPool(this, this.records);
    this.ceiling = new AgentCeiling(this.lines, this.slots);
    this.signals = new SignalWatch((record, signal) => {
      this.figures.cancelled++;
      this.drop(record, cancelled(this.name, signal.reason));
    });
    this.setLimits(parts.limits);
  }

  /** As `Gate.submit`. */
  submit<T>(work: () => T | PromiseLike<T>, admission: Admission = NO_ADMISSION): Promise<T> {
    const deadlineMs = admission.deadlineMs;
    if (this.isRefused(admission)) return Promise.reject(this.refusal(admission));
    if (!this.hasRoom(admission)) return this.enqueue(work, admission);
    if (deadlineMs === undefined) return this.startUnrecorded(work, admission.owner);
    const promise = new Promise(capture);
    const slot = this.takeSlot(admission.owner);
    this.noteDirectStart(slot);
    slot.resolve = lastResolve;
    slot.reject = lastReject;
    slot.record = slot.ownRecord;
    this.deadlines.add(slot.ownRecord, deadlineMs);
    this.run(slot, work);
    return promise as Promise<T>;
  }

  /** As `Gate.acquire`. */
  acquire(admission: Admission = NO_ADMISSION): Promise<Permit> {
    if (this.isRefused(admission)) return Promise.reject(this.refusal(admission));
    if (!this.hasRoom(admission)) return this.enqueue(undefined, admission);
    const slot = this.takeSlot(admission.owner);
    this.noteDirectStart(slot);
    return Promise.resolve(this.permit(slot, 0));
  }

  setLimits(limits: LaneLimits): void {
    this.now = limits;
    this.top.setLimits(limits);
    this.maxRunning = this.top.max;
    this.queueCapacity = limits.queueCapacity;
    this.lines.ageingStarts = limits.ageingStarts ?? AGEING_STARTS;
    this.ceiling.set(limits.maxPerAgent);
    this.pump();
  }

  get limits(): LaneLimits {
    return this.now;
  }

  /** Takes over, or lifts, what `Gate.bar` says; counts what may start from what runs now. */
  applyBar(bar: StartBar | undefined): void {
    this.top.setBar(bar, this.running);
    this.maxRunning = this.top.max;
    this.pump();
  }

  /** As `Gate.checkStart`. */
  refusalByBar(): AppError | undefined {
    return this.top.barOver(this.running)?.refusal?.(this.name);
  }

  /** Takes up that an owner was paused or resumed. */
  applyHolds(owner: string): void {
    this.lines.applyHolds(owner);
    this.pump();
  }

  /** Takes up that a run or an agent has another weight. */
  applyWeight(owner: string): void {
    this.lines.applyWeight(owner);
  }

  /** What waits and why, as it is now. */
  report(): WaitingReport {
    const { name: lane, lines, records, figures, maxRunning } = this;
    const hasFreeSlot = this.running < maxRunning;
    const isPaced = this.paceDueMs < Number.POSITIVE_INFINITY;
    const paceWaitMs = isPaced ? Math.max(0, this.paceDueMs - this.coarse.refresh()) : 0;
    const barReason = this.top.barOver(this.running)?.reason;
    const rates = { drainPerMs: figures.drainPerMs(maxRunning), slotPerMs: figures.endsPerMs(1) };
    return new WaitingReport({ lane, lines, records, hasFreeSlot, barReason, paceWaitMs, ...rates });
  }

  /** As `Gate.cancel`, of this lane. */
  cancel(owner: string, error: ErrorData): number {
    let count = 0;
    for (const record of this.lines.recordsOf(owner)) {
      count++;
      this.drop(record, AppError.fromData(error));
    }
    this.figures.cancelled += count;
    return count;
  }

  /** Refuses what waits and whatever comes; what runs goes on. */
  close(): void {
    this.isClosed = true;
    this.paceTimer?.[Symbol.dispose]();
    for (const record of this.lines.recordsOf()) this.drop(record, laneClosed(this.name));
    this.deadlines.close();
  }

  /** Resolves when nothing runs. */
  idle(): Promise<void> {
    return this.running === 0 ? Promise.resolve() : new Promise((resolve) => this.onIdle.push(resolve));
  }

  stats(): LaneStats {
    const { name, running, queueCapacity } = this;
    const maxRunning = this.top.slots;
    return this.figures.toStats({ name, running, waiting: this.lines.size, maxRunning, queueCapacity });
  }

  ended(slot: Slot, value: unknown): unknown {
    const resolve = slot.resolve;
    if (resolve !== ignore) this.figures.completed++;
    this.vacate(slot, resolve === ignore);
    if (resolve === undefined) return value;
    resolve(value);
    return undefined;
  }

  broke(slot: Slot, error: unknown): unknown {
    const reject = slot.reject;
    if (reject !== ignore) this.figures.failed++;
    this.vacate(slot, true);
    if (reject === undefined) throw error;
    reject(error);
    return undefined;
  }

  private isRefused(admission: Admission): boolean {
    return this.isClosed || !isAcceptable(admission);
  }

  private refusal(admission: Admission): AppError {
    if (this.isClosed) return laneClosed(this.name);
    const error = toRefusal(this.name, admission);
    if (error.code === 'TASK_CANCELLED') this.figures.cancelled++;
    else if (error.code === 'TASK_TIMED_OUT') this.figures.timedOut++;
    return error;
  }

  /** Whether work may start at once; when a pace is asked, its answer "yes" has already been charged. */
  private hasRoom(admission: Admission): boolean {
    if (this.running >= this.maxRunning || this.lines.startable > 0) return false;
    if (this.holds.size > 0 && this.holds.has(admission.owner ?? '')) return false;
    if (this.ceiling.isOn && admission.owner !== undefined && this.lines.isAtCeiling(admission.owner)) return false;
    return this.pace === undefined || this.mayStart(this.pace, admission.tokens ?? 0);
  }

  private mayStart(pace: Pace, tokens: number): boolean {
    const waitMs = pace.take(tokens);
    if (waitMs <= 0) return true;
    const dueMs = this.coarse.refresh() + waitMs;
    if (dueMs < this.paceDueMs) {
      this.paceTimer?.[Symbol.dispose]();
      this.paceDueMs = dueMs;
      this.paceTimer = this.clock.after(waitMs, () => {
        this.paceDueMs = Number.POSITIVE_INFINITY;
        this.pump();
      });
    }
    return false;
  }

  private enqueue<T>(work: Work, admission: Admission): Promise<T> {
    if (this.lines.size >= this.queueCapacity) return Promise.reject(this.saturated());
    const promise = new Promise(capture);
    const { records } = this;
    const record = records.add(work, lastResolve, lastReject);
    // A permit says how long it was waited for, so its time is always taken.
    records.sinceMs[record] = work === undefined ? this.coarse.refresh() : this.figures.sampledMs();
    if (this.pace !== undefined) records.tokens[record] = admission.tokens ?? 0;
    records.cost[record] = admission.cost === undefined ? FULL_TURN : Math.round(admission.cost * FULL_TURN);
    records.arrival[record] = this.arrivals = (this.arrivals + 1) | 0;
    this.lines.push(record, admission.owner ?? '', admission.priority ?? 'normal');
    if (admission.deadlineMs !== undefined) this.deadlines.add(record, admission.deadlineMs);
    if (admission.signal !== undefined) this.signals.add(record, admission.signal);
    // Only a pace holds work back while slots are free; the newcomer may be ahead of what it holds back.
    if (this.running < this.maxRunning) this.pump();
    return promise as Promise<T>;
  }

  private saturated(): AppError {
    this.figures.refused++;
    const retryAfterMs = this.comeBack.afterMs(this.coarse.monoMs(), this.figures.drainPerMs(this.maxRunning));
    return laneSaturated(this.name, this.lines.size, retryAfterMs);
  }

  private pump(): void {
    // Work that ends within its own start comes back here; the outer loop goes on with it.
    if (this.isPumping) return;
    this.isPumping = true;
    while (this.running < this.maxRunning && this.lines.startable > 0) {
      const record = this.lines.first();
      if (this.pace !== undefined && !this.mayStart(this.pace, this.records.tokens[record]!)) break;
      this.lines.takeFirst(record);
      this.signals.remove(record);
      this.start(record);
    }
    this.isPumping = false;
  }

  private takeSlot(ownerName = ''): Slot {
    this.running++;
    const slot = this.slots.take();
    slot.ownerName = ownerName;
    if (this.ceiling.isOn) this.ceiling.noteStart(slot);
    return slot;
  }

  /** @param isBad Whether its work failed, or ended after its deadline. */
  private vacate(slot: Slot, isBad: boolean): void {
    if (slot.sinceMs >= 0) this.noteRun(slot, isBad);
    if (slot.record !== NONE) this.endDeadline(slot);
    slot.resolve = slot.reject = undefined;
    if (slot.holder !== undefined) this.ceiling.noteEnd(slot);
    this.slots.giveBack(slot);
    this.running--;
    if (this.lines.startable > 0) this.pump();
    if (this.running === 0 && this.onIdle.length > 0) for (const resolve of this.onIdle.splice(0)) resolve();
  }

  private noteRun(slot: Slot, isBad: boolean): void {
    const runMs = this.figures.noteRunSince(slot.sinceMs);
    slot.sinceMs = UNTIMED;
    this.top.noteEnd(runMs, isBad, this.running);
    this.maxRunning = this.top.max;
  }

  private noteDirectStart(slot: Slot): void {
    slot.sinceMs = this.figures.sampledMs();
    if (slot.sinceMs >= 0) this.figures.noteWait(0);
  }

  private endDeadline(slot: Slot): void {
    if (slot.record === slot.ownRecord) this.deadlines.remove(slot.record);
    else this.records.release(slot.record);
    slot.record = NONE;
  }

  /** Starts work whose promise the caller gets: nothing has to be remembered of it. */
  private startUnrecorded<T>(work: () => T | PromiseLike<T>, owner: string | undefined): Promise<T> {
    const slot = this.takeSlot(owner);
    this.noteDirectStart(slot);
    let outcome: T | PromiseLike<T>;
    try {
      outcome = work();
    } catch (error) {
      slot.reject = countOnly;
      this.broke(slot, error);
      return Promise.reject(error);
    }
    if (outcome instanceof Promise) return outcome.then(slot.onValue, slot.onError) as Promise<T>;
    if (isThenable(outcome)) return Promise.resolve(outcome).then(slot.onValue, slot.onError) as Promise<T>;
    return Promise.resolve(this.ended(slot, outcome) as T);
  }

  /** Starts recorded work; the record lives on when it has a deadline. */
  private start(record: number): void {
    const { records } = this;
    const slot = this.takeSlot((records.placeOf(record) as Line).owner.name);
    const work = records.workOf(record);
    const sinceMs = records.sinceMs[record]!;
    let waitMs = 0;
    if (sinceMs >= 0) {
      slot.sinceMs = this.coarse.refresh();
      waitMs = slot.sinceMs - sinceMs;
      this.figures.noteWait(waitMs);
    }
    if (work === undefined) {
      const resolve = records.resolveOf(record);
      records.release(record);
      resolve(this.permit(slot, waitMs));
      return;
    }
    slot.resolve = records.resolveOf(record);
    slot.reject = records.rejectOf(record);
    if (this.deadlines.has(record)) {
      slot.record = record;
      records.setPlace(record, slot);
    } else records.release(record);
    this.run(slot, work);
  }

  private run(slot: Slot, work: () => unknown): void {
    let outcome: unknown;
    try {
      outcome = work();
    } catch (error) {
      this.broke(slot, error);
      return;
    }
    if (outcome instanceof Promise) void outcome.then(slot.onValue, slot.onError);
    else if (isThenable(outcome)) void Promise.resolve(outcome).then(slot.onValue, slot.onError);
    else this.ended(slot, outcome);
  }

  private permit(slot: Slot, waitMs: number): Permit {
    return toPermit(this.name, waitMs, () => {
      this.figures.completed++;
      this.vacate(slot, false);
    });
  }

  private expire(record: number): void {
    this.figures.timedOut++;
    const place = this.records.placeOf(record);
    if (!(place instanceof Slot)) return this.drop(record, timedOut(this.name, false));
    const reject = place.reject!;
    this.endDeadline(place);
    // The slot stays taken until the work has really ended: what runs is bounded, not what is waited for.
    place.resolve = place.reject = ignore;
    reject(timedOut(this.name, true));
  }

  /** Takes a waiting record out and rejects its promise. */
  private drop(record: number, error: AppError): void {
    const reject = this.records.rejectOf(record);
    this.lines.remove(record);
    this.signals.remove(record);
    this.records.release(record);
    reject(error);
  }
}

/** Takes the error of work whose caller is told by the call itself. */
function countOnly(): void {}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
