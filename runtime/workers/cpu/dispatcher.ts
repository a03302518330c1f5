import { AppError, isAppError } from '../../../shared/errors/app-error.ts';
import type { Clock, Timer } from '../../time/clock.ts';
import { CoarseClock } from '../../time/coarse-clock.ts';
import { CallLimits, type Limits } from './call-limits.ts';
import { CallQueue, type Call } from './call.ts';
import type { CpuThread, CpuThreadEvents } from './cpu-thread.ts';
import { Crew } from './crew.ts';
import { toLoss } from './losses.ts';
import { MemoryWatch } from './memory-watch.ts';
import type { FullCpuWorkersOptions } from './options.ts';
import type { OpenLink } from './thread-link.ts';

/** Work that a thread is given ahead: enough that it never waits for main, little enough to be had elsewhere when it stalls. */
const AHEAD_US = 4_000;
/** Less than this is not divided between threads: a message costs both sides about as much. */
const MIN_DIVIDED_US = 40;
/** A thread with so many tasks is not sent fewer than that: they wait for the next answer, and for company. */
const PLENTY = 32;
/** A thread that is in one task for this long gives back what it has not begun. */
const STALL_MS = 2;
/** An idle thread is given half of another's waiting tasks when they are expected to take this long. */
const MIN_STOLEN_US = 200;
/** A cancelled task has this long to end by itself before its thread is ended: most tasks do, and a thread costs 30 ms. */
const CANCEL_GRACE_MS = 50;

/** What the dispatcher counts. */
export interface DispatchCounts {
  /** Messages with tasks that were sent to threads. */
  readonly messages: number;
  /** Tasks that were taken from a thread that stalled or had too many, and given to another. */
  readonly stolen: number;
  /** Tasks run again after their thread died. */
  readonly repeated: number;
  /** Threads that died or were ended for what their task did. */
  readonly lostThreads: number;
}

/** What a dispatcher is made with. */
export interface DispatcherParts {
  readonly clock: Clock;
  readonly tasks: URL;
  readonly open: OpenLink;
}

/** How much more a thread that was always busy counts as having to do than one that never was. */
const UTILISED_US = 500;

const settled = Promise.resolve();

/** Brings calls to threads and answers to calls. Every call settles exactly once. */
export class Dispatcher implements CpuThreadEvents {
  readonly crew: Crew;
  readonly counts = { messages: 0, stolen: 0, repeated: 0, lostThreads: 0 };
  readonly queue = new CallQueue();
  private readonly clock: Clock;
  private readonly coarse: CoarseClock;
  private readonly limits: CallLimits;
  private readonly memory: MemoryWatch;
  private willFlush = false;
  private unsettled = 0;
  private isClosed = false;
  private stallTimer: Timer | undefined;

  constructor(options: FullCpuWorkersOptions, { clock, tasks, open }: DispatcherParts) {
    this.clock = clock;
    this.coarse = new CoarseClock(clock);
    this.limits = new CallLimits(clock, this.coarse, (call, error) => this.stop(call, error));
    this.crew = new Crew(options, {
      clock,
      tasks,
      open,
      events: this,
      isBusy: () => this.isBusy,
      onDrain: (thread) => void this.reclaim(thread),
    });
    this.memory = new MemoryWatch(clock, this);
  }

  /** Whether a call has not settled. */
  get isBusy(): boolean {
    return this.unsettled > 0;
  }

  /** Takes a call, or rejects it at once. */
  submit(call: Call, limits: Limits): void {
    try {
      if (this.isClosed) throw closed();
      if (this.queue.size >= this.crew.options.queueCapacity) throw this.saturated();
      this.limits.add(call, limits);
    } catch (error) {
      call.isSettled = true;
      call.reject(error);
      return;
    }
    this.queue.pushBack(call);
    if (this.unsettled++ === 0) {
      this.keepAlive(true);
      this.memory.start();
    }
    this.flushSoon();
  }

  reconfigure(options: FullCpuWorkersOptions): Promise<void> {
    this.crew.reconfigure(options);
    this.flushSoon();
    return this.crew.settled();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.stallTimer?.[Symbol.dispose]();
    this.memory.stop();
    for (let call = this.queue.shift(); call !== undefined; call = this.queue.shift()) this.reject(call, closed());
    for (const thread of this.crew.members) {
      thread.catchUp();
      const { begun, waiting } = thread.takeAll();
      for (const call of [...begun, ...waiting]) this.reject(call, closed());
    }
    this.limits.close();
    await this.crew.close();
  }

  onReady(thread: CpuThread): void {
    this.crew.noteChange(thread);
    this.flushSoon();
  }

  onAnswer(call: Call, isError: boolean, value: unknown): void {
    if (isError) this.reject(call, value);
    else if (this.settle(call)) call.resolve(value);
  }

  onAnswered(thread: CpuThread): void {
    thread.lastUsedMs = this.coarse.monoMs();
    this.crew.noteChange(thread);
    this.flushSoon();
  }

  onEnd(thread: CpuThread, error: Error | undefined): void {
    const { begun, waiting } = thread.takeAll();
    // What it died of without having begun anything is what it was sent: an input that is larger than its heap.
    if (begun.length === 0 && waiting.length === 1 && waiting[0]!.goesAlone) begun.push(waiting.pop()!);
    if (begun.length === 0 && !thread.isKilled) for (const call of waiting) call.goesAlone = true;
    this.queue.pushFront(waiting);
    const isCondemned = thread.verdict !== undefined && begun.some(({ isSettled }) => !isSettled);
    if (!thread.isKilled || isCondemned) this.counts.lostThreads++;
    for (const call of begun) this.lose(call, error ?? thread.verdict, thread);
    this.crew.noteEnd(thread);
    if (this.crew.cannotStart) this.rejectWaiting(error);
    this.flushSoon();
  }

  /** Ends a thread for what its task did; the task fails with `verdict`, or runs again when it is repeatable. */
  condemn(thread: CpuThread, verdict: AppError): void {
    this.reclaim(thread);
    thread.catchUp();
    thread.verdict = verdict;
    if (thread.running() === undefined) this.crew.retire(thread);
    else thread.kill();
  }

  /** Takes back what a thread has not begun; it comes first when a thread is free. How much there was. */
  private reclaim(thread: CpuThread): number {
    const calls = thread.takeBackAll();
    this.queue.pushFront(calls);
    if (calls.length > 0) this.flushSoon();
    return calls.length;
  }

  /** After the current run of microtasks: what arrives together goes together. */
  private flushSoon(): void {
    if (this.willFlush || this.isClosed) return;
    this.willFlush = true;
    void settled.then(this.flush);
  }

  private readonly flush = (): void => {
    this.willFlush = false;
    if (this.isClosed) return;
    while (this.queue.size > 0) {
      const thread = this.pick();
      if (thread === undefined) break;
      this.fill(thread);
    }
    if (this.queue.size > 0) this.crew.grow(this.queue.size);
    else if (this.unsettled > 0) this.level();
    if (this.unsettled > 0) this.watchStalls();
  };

  private fill(thread: CpuThread): void {
    const first = this.queue.first!;
    const meanUs = Math.max(first.task.meanUs ?? AHEAD_US, 0.1);
    const open = this.crew.members.reduce((count, one) => count + (this.canTake(one, meanUs) ? 1 : 0), 0);
    const share = Math.max(Math.ceil(this.queue.size / open), Math.ceil(MIN_DIVIDED_US / meanUs));
    const maxCount = Math.min(share, this.crew.options.groupLimit);
    this.counts.messages++;
    thread.fill(this.queue, {
      nowMs: this.coarse.monoMs(),
      maxCount,
      maxUs: Math.max(AHEAD_US - thread.expectedUs, 1),
    });
  }

  /** The thread with the least to do: what it holds, then how busy it was. */
  private pick(): CpuThread | undefined {
    const meanUs = this.queue.first!.task.meanUs ?? AHEAD_US;
    let best: CpuThread | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const thread of this.crew.members) {
      if (!this.canTake(thread, meanUs)) continue;
      const load = thread.expectedUs + thread.utilisationStep(this.coarse.monoMs()) * UTILISED_US;
      if (load >= least) continue;
      least = load;
      best = thread;
    }
    return best;
  }

  private canTake(thread: CpuThread, meanUs: number): boolean {
    if (!thread.isReady || thread.isDraining || thread.isStalled || !thread.hasRoom) return false;
    if (thread.heldCount === 0) return true;
    if (this.queue.first?.goesAlone) return false;
    if (thread.heldCount >= PLENTY && this.queue.size < PLENTY) return false;
    return thread.expectedUs + meanUs <= AHEAD_US;
  }

  /** Nothing waits and a thread is idle: it gets half of what another has not begun, when that is worth a message. */
  private level(): void {
    const idle = this.crew.members.find((one) => one.heldCount === 0 && this.canTake(one, 0));
    if (idle === undefined) return;
    let busiest: CpuThread | undefined;
    for (const one of this.crew.members)
      if (one.heldCount > 1 && one.expectedUs > (busiest?.expectedUs ?? MIN_STOLEN_US)) busiest = one;
    if (busiest === undefined) return;
    const calls = busiest.takeBackAll(busiest.heldCount >> 1);
    if (calls.length === 0) return;
    this.counts.stolen += calls.length;
    this.queue.pushFront(calls);
    this.counts.messages++;
    idle.fill(this.queue, { nowMs: this.coarse.monoMs(), maxCount: calls.length, maxUs: Number.POSITIVE_INFINITY });
  }

  private watchStalls(): void {
    if (this.stallTimer !== undefined) return;
    // A thread that has passed what was taken back from it has room again and nothing to tell.
    if (this.queue.size === 0 && !this.crew.members.some(({ heldCount }) => heldCount > 1)) return;
    const nowMs = this.clock.monoMs();
    for (const thread of this.crew.members) thread.noteProgress(nowMs);
    this.stallTimer = this.clock.after(STALL_MS, this.lookForStalls);
  }

  /** Answers that were written before a long task are read here, and what waits behind it goes to others. */
  private readonly lookForStalls = (): void => {
    this.stallTimer = undefined;
    const nowMs = this.clock.monoMs();
    for (const thread of this.crew.members) {
      if (thread.heldCount === 0) continue;
      thread.catchUp();
      if (thread.heldCount < 2 || !thread.isStuck(nowMs, STALL_MS) || !this.hasHelper(thread)) continue;
      this.counts.stolen += this.reclaim(thread);
      thread.isStalled = true;
    }
    if (this.queue.size > 0) this.flushSoon();
    this.watchStalls();
  };

  private hasHelper(stalled: CpuThread): boolean {
    return (
      this.crew.mayOpen() ||
      this.crew.members.some(
        (one) => one !== stalled && one.isReady && !one.isDraining && (one.heldCount === 0 || one.hasProgressed),
      )
    );
  }

  /** A call's deadline passed or its caller gave up. */
  private stop(call: Call, error: AppError): void {
    if (this.queue.remove(call)) return this.reject(call, error);
    const { thread } = call;
    if (thread === undefined) return;
    thread.catchUp();
    if (call.isSettled) return;
    this.reject(call, error);
    if (thread.takeBack(call)) return;
    if (isAppError(error, 'TASK_TIMED_OUT')) return this.endTask(thread, call);
    this.counts.stolen += this.reclaim(thread);
    thread.isStalled = true;
    this.clock.after(CANCEL_GRACE_MS, () => this.endTask(thread, call)).keepAlive(false);
  }

  /** Ends the thread when it still runs the task of `call`; what it has not begun is taken back first, so nothing else can begin. */
  private endTask(thread: CpuThread, call: Call): void {
    if (thread.hasEnded || call.thread !== thread) return;
    this.reclaim(thread);
    thread.catchUp();
    if (thread.running() === call) thread.kill();
  }

  /** The thread ended while it ran the call's task. */
  private lose(call: Call, cause: Error | undefined, thread: CpuThread): void {
    if (call.isSettled) return;
    call.lossCount++;
    const { error, isAgain } = toLoss(call, cause, thread.options);
    if (!isAgain) return this.reject(call, error);
    this.counts.repeated++;
    this.queue.pushFront([call]);
  }

  private rejectWaiting(cause: Error | undefined): void {
    const why = cause?.message ?? 'they ended before they were ready';
    for (let call = this.queue.shift(); call !== undefined; call = this.queue.shift())
      this.reject(call, new AppError('WORKER_LOST', `The threads of the cpu lane do not start: ${why}`, { cause }));
  }

  private reject(call: Call, error: unknown): void {
    if (this.settle(call)) call.reject(error);
  }

  private settle(call: Call): boolean {
    if (call.isSettled) return false;
    call.isSettled = true;
    this.limits.remove(call);
    if (--this.unsettled === 0) this.keepAlive(false);
    return true;
  }

  private keepAlive(on: boolean): void {
    for (const thread of this.crew.members) thread.keepAlive(on);
  }

  private saturated(): AppError {
    const { queueCapacity, maxWorkers } = this.crew.options;
    const meanUs = this.queue.first?.task.meanUs ?? AHEAD_US;
    const retryAfterMs = Math.max(1, Math.ceil((this.queue.size * meanUs) / maxWorkers / 1_000));
    return new AppError('LANE_SATURATED', `${queueCapacity} tasks wait for a worker thread already; try again later.`, {
      details: { retryAfterMs },
    });
  }
}

function closed(): AppError {
  return new AppError('LANE_CLOSED', 'The threads of the cpu lane are closed.');
}
