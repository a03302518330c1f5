import type { Clock, Timer } from '../../time/clock.ts';
import { CpuThread, type CpuThreadEvents } from './cpu-thread.ts';
import type { FullCpuWorkersOptions } from './options.ts';
import type { OpenLink } from './thread-link.ts';

/** Editions that may drain at once; what is asked for meanwhile waits, the newest of it only. */
const MAX_DRAINING_EDITIONS = 2;
/** A thread that did nothing for this long is not needed while its replacement starts. */
const RESTED_MS = 1_000;

const MAX_FAILED_STARTS = 3;

type HeapLimits = Pick<FullCpuWorkersOptions, 'oldGenerationBytes' | 'youngGenerationBytes'>;

/** What a crew is made with. */
export interface CrewParts {
  readonly clock: Clock;
  readonly tasks: URL;
  readonly open: OpenLink;
  readonly events: CpuThreadEvents;
  /** Whether anything is to be done: threads keep the process alive only then. */
  readonly isBusy: () => boolean;
  /** Takes back what a thread that begins to drain has not begun. */
  readonly onDrain: (thread: CpuThread) => void;
}

/**
 * Which threads there are. Grows one by one up to `maxWorkers` as they are needed, ends what is idle or too many, and replaces
 * threads whose heap limits no longer hold, one by one: the replacement starts first, then the old one ends with what it runs.
 *
 * Threads that drain count towards `maxWorkers`; only a replacement may be one above. Settings with new heap limits are an
 * edition; while threads of two older ones live, newer limits wait, and of those that wait only the last comes true.
 */
export class Crew {
  readonly members: CpuThread[] = [];
  options: FullCpuWorkersOptions;
  private readonly parts: CrewParts;
  private readonly names = new Set<string>();
  private edition = 0;
  /** Heap limits of the current edition. */
  private limits: FullCpuWorkersOptions;
  private hasWaitingLimits = false;
  private replacement: CpuThread | undefined;
  private failedStarts = 0;
  private isClosed = false;
  private timer: Timer | undefined;
  private change = Promise.withResolvers<void>();

  constructor(options: FullCpuWorkersOptions, parts: CrewParts) {
    this.options = this.limits = options;
    this.parts = parts;
    this.keepMinimum();
  }

  /** Threads that get tasks or will when they have started. */
  get serving(): CpuThread[] {
    return this.members.filter(({ isDraining }) => !isDraining);
  }

  /** Limits that were asked for and wait for older editions to end. */
  get isLimitWaiting(): boolean {
    return this.hasWaitingLimits;
  }

  /** Threads that drain, and the editions they belong to beside the current one. */
  draining(): { readonly workers: number; readonly editions: number } {
    return { workers: this.members.filter(({ isDraining }) => isDraining).length, editions: this.oldEditions().size };
  }

  reconfigure(options: FullCpuWorkersOptions): void {
    this.options = options;
    // Threads that are idle now are judged by the new time.
    this.timer?.[Symbol.dispose]();
    this.timer = undefined;
    if (this.members.length > 0 && !this.isClosed) this.armIdleTimer();
    this.hasWaitingLimits = !this.hasLimits(options);
    this.advance();
  }

  /** Resolves when every thread has the newest limits, none is too many and as many are there as are to be kept. */
  async settled(): Promise<void> {
    while (!this.isClosed && !this.isSettled()) await this.change.promise;
  }

  /** Opens threads for `waitingCount` calls that found none, as far as there may be more. */
  grow(waitingCount: number): void {
    while (this.startingCount() < waitingCount && this.maySpareCpu() && this.mayOpen()) {
      if (!this.takeOn()) this.open();
    }
  }

  /** Whether `grow` would open a thread. */
  mayOpen(): boolean {
    if (this.isClosed || this.serving.length >= this.options.maxWorkers) return false;
    return this.members.length < this.options.maxWorkers || this.findSurplus() !== undefined;
  }

  /** Lets a thread end with what it runs; another takes its place when there is need. */
  retire(thread: CpuThread): void {
    if (thread.isDraining) return;
    thread.isDraining = true;
    this.parts.onDrain(thread);
    this.endIfDone(thread);
  }

  /** Whether so many threads in a row have ended before they were ready that another would too. */
  get cannotStart(): boolean {
    return this.failedStarts >= MAX_FAILED_STARTS;
  }

  /** To be called when a thread has ended. */
  noteEnd(thread: CpuThread): void {
    if (!thread.wasReady && !thread.isKilled) this.failedStarts++;
    this.members.splice(this.members.indexOf(thread), 1);
    this.names.delete(thread.name);
    if (this.replacement === thread) this.replacement = undefined;
    this.advance();
  }

  /** To be called when a thread has become ready or idle. */
  noteChange(thread: CpuThread): void {
    this.failedStarts = 0;
    if (thread.heldCount === 0) this.endIfDone(thread);
    if (this.isMoving) this.advance();
    if (this.timer === undefined && thread.heldCount === 0 && !thread.isDraining) this.armIdleTimer();
  }

  /** Ends every thread at once; resolves when all have ended. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.timer?.[Symbol.dispose]();
    for (const member of this.members) {
      member.keepAlive(true);
      member.kill();
    }
    while (this.members.length > 0) await this.change.promise;
  }

  /** Whether threads are being replaced or given up; kept as a field, since every answer asks for it. */
  private isMoving = false;

  private advance(): void {
    if (!this.isClosed) {
      this.adoptLimits();
      this.giveUpSurplus();
      this.roll();
      this.keepMinimum();
      this.isMoving = !this.isSettled() || this.replacement !== undefined;
    }
    this.change.resolve();
    this.change = Promise.withResolvers<void>();
  }

  private isSettled(): boolean {
    if (this.hasWaitingLimits || this.oldEditions().size > 0) return false;
    if (this.isBelowMinimum() && this.failedStarts === 0) return false;
    return this.members.length <= this.options.maxWorkers;
  }

  /** Whether its limits are not the current ones; what was changed and changed back is not old. */
  private isOld({ options }: CpuThread): boolean {
    return !this.hasLimits(options);
  }

  private hasLimits(limits: HeapLimits): boolean {
    return areSame(limits, this.limits);
  }

  private oldEditions(): Set<number> {
    return new Set(this.members.filter((one) => this.isOld(one)).map(({ options }) => options.edition));
  }

  private adoptLimits(): void {
    if (!this.hasWaitingLimits) return;
    // Of all editions there are, those that will be old.
    const old = this.members.filter(({ options }) => !areSame(options, this.options));
    if (new Set(old.map(({ options }) => options.edition)).size > MAX_DRAINING_EDITIONS) return;
    this.limits = this.options;
    this.hasWaitingLimits = false;
    this.edition++;
    // What was to replace an older edition is itself of an older one now.
    this.replacement = undefined;
  }

  private giveUpSurplus(): void {
    let surplus = this.serving.length - this.options.maxWorkers - (this.replacement === undefined ? 0 : 1);
    while (surplus-- > 0) this.retire(leastNeeded(this.serving.filter((one) => one !== this.replacement)));
  }

  /** One step of replacing threads of older editions. */
  private roll(): void {
    const nowMs = this.parts.clock.monoMs();
    for (const old of this.serving) {
      const isRested = old.heldCount === 0 && nowMs - old.lastUsedMs >= RESTED_MS;
      if (this.isOld(old) && (isRested || !old.isReady)) this.retire(old);
    }
    const old = this.serving.filter((one) => this.isOld(one));
    if (this.replacement?.isReady) {
      this.replacement = undefined;
      if (old.length > 0) this.retire(leastNeeded(old));
      return;
    }
    const mayOpen = this.replacement === undefined && this.members.length <= this.options.maxWorkers;
    if (old.length > 0 && mayOpen) this.replacement = this.open();
  }

  private keepMinimum(): void {
    // Not in a circle: the next task tries again.
    if (this.failedStarts > 0) return;
    while (this.isBelowMinimum() && this.maySpareCpu() && this.members.length < this.options.maxWorkers) this.open();
  }

  private isBelowMinimum(): boolean {
    return this.serving.length < this.options.minWorkers;
  }

  private startingCount(): number {
    return this.members.filter(({ isReady, isDraining }) => !isReady && !isDraining).length;
  }

  /** A thread takes a core for 50 ms to start: beside threads that work, one starts at a time, so that they go on. */
  private maySpareCpu(): boolean {
    return this.startingCount() === 0 || !this.members.some(({ isReady }) => isReady);
  }

  /** A thread that was given up as one too many and still runs something takes tasks again. */
  private takeOn(): boolean {
    const found = this.findSurplus();
    if (found !== undefined) found.isDraining = false;
    return found !== undefined;
  }

  private findSurplus(): CpuThread | undefined {
    return this.members.find((one) => one.isDraining && !one.isKilled && one.verdict === undefined && !this.isOld(one));
  }

  private open(): CpuThread {
    let number = 1;
    while (this.names.has(`cpu-${number}`)) number++;
    const name = `cpu-${number}`;
    this.names.add(name);
    const { tasks, open, events } = this.parts;
    const { oldGenerationBytes, youngGenerationBytes } = this.limits;
    const { edition } = this;
    const thread = new CpuThread({ name, edition, tasks, oldGenerationBytes, youngGenerationBytes, open, events });
    thread.lastUsedMs = this.parts.clock.monoMs();
    thread.keepAlive(this.parts.isBusy());
    this.members.push(thread);
    return thread;
  }

  private endIfDone(thread: CpuThread): void {
    if (thread.isDraining && thread.heldCount === 0) thread.kill();
  }

  private armIdleTimer(): void {
    this.timer = this.parts.clock.after(Math.max(1, this.options.idleTimeoutMs), () => this.endIdle());
    this.timer.keepAlive(false);
  }

  private endIdle(): void {
    this.timer = undefined;
    const nowMs = this.parts.clock.monoMs();
    let spare = this.serving.length - this.options.minWorkers;
    for (const thread of this.serving) {
      if (thread.heldCount > 0 || !thread.isReady) continue;
      if (spare > 0 && nowMs - thread.lastUsedMs >= this.options.idleTimeoutMs) {
        spare--;
        this.retire(thread);
      }
    }
    if (spare > 0) this.armIdleTimer();
  }
}

function areSame(one: HeapLimits, other: HeapLimits): boolean {
  return one.oldGenerationBytes === other.oldGenerationBytes && one.youngGenerationBytes === other.youngGenerationBytes;
}

/** One that is idle, else the one with the least to do. */
function leastNeeded(threads: readonly CpuThread[]): CpuThread {
  return threads.reduce((least, one) => (one.expectedUs < least.expectedUs || !one.isReady ? one : least));
}
