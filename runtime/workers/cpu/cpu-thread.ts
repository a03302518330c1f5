import { AppError, toAppError } from '../../../shared/errors/app-error.ts';
import { BusyWindow } from '../thread-table.ts';
import { AnswerReader } from './answer-ring.ts';
import type { Call, CallQueue } from './call.ts';
import { BELL, READY, type DirectAnswer, type GroupMessage, type ThreadMessage } from './messages.ts';
import { CLAIM, CONTROL, SLOT_MASK, SLOTS, createSharedMemory, toCells, type SharedCells } from './shared-memory.ts';
import type { OpenLink, ThreadLink } from './thread-link.ts';
import { MemoryReading } from './thread-reading.ts';

/** A message with more than this in strings and buffers is not made longer. */
const MAX_GROUP_BYTES = 256 * 1024;

/** As often as the window of utilisation moves. */
const STEP_EVERY_MS = 200;

/** What a thread tells its owner. */
export interface CpuThreadEvents {
  onReady(thread: CpuThread): void;
  /** An answer of a call that it held. */
  onAnswer(call: Call, isError: boolean, value: unknown): void;
  /** After one or more answers. */
  onAnswered(thread: CpuThread): void;
  /** It has ended; what it holds has to be taken from it. */
  onEnd(thread: CpuThread, error: Error | undefined): void;
}

/** What a thread is made with. */
export interface CpuThreadOptions {
  readonly name: string;
  /** Number of the settings it was started with. */
  readonly edition: number;
  readonly tasks: URL;
  readonly oldGenerationBytes: number;
  readonly youngGenerationBytes: number;
  readonly open: OpenLink;
  readonly events: CpuThreadEvents;
}

/** What `fill` may send. */
export interface GroupBounds {
  readonly nowMs: number;
  readonly maxCount: number;
  readonly maxUs: number;
}

/** The owner's side of one thread: sends it tasks, reads their answers, takes back what it has not begun. */
export class CpuThread {
  readonly options: CpuThreadOptions;
  readonly memory: MemoryReading;
  isReady = false;
  wasReady = false;
  hasEnded = false;
  /** It gets no more tasks and ends with those it has. */
  isDraining = false;
  isKilled = false;
  /** Why it was ended, when it was for what it did. */
  verdict: AppError | undefined;
  heldCount = 0;
  /** What is expected of the tasks it holds. */
  expectedUs = 0;
  completed = 0;
  lastUsedMs = 0;
  private readonly cells: SharedCells;
  private readonly held: (Call | undefined)[] = Array.from({ length: SLOTS });
  private readonly link: ThreadLink;
  private readonly reader: AnswerReader;
  private readonly knownNames = new Set<number>();
  private nextSlot = 0;
  private stalled = false;
  private seenBegun = -1;
  private seenBegunMs = 0;
  private readonly window: BusyWindow;
  private step = 0;
  private steppedMs = 0;

  constructor(options: CpuThreadOptions) {
    this.options = options;
    const shared = createSharedMemory();
    this.cells = toCells(shared);
    this.reader = new AnswerReader(this.cells);
    this.memory = new MemoryReading(this.cells);
    this.window = new BusyWindow(() => this.memory.busy());
    const { name, tasks, oldGenerationBytes, youngGenerationBytes } = options;
    this.link = options.open({
      name,
      tasks,
      shared,
      oldGenerationBytes,
      youngGenerationBytes,
      reading: this.memory,
    });
    this.link.onMessage((message) => this.take(message));
    this.link.onEnd((error) => {
      this.hasEnded = true;
      this.isReady = false;
      this.catchUp();
      options.events.onEnd(this, error);
    });
  }

  get name(): string {
    return this.options.name;
  }

  get begunCount(): number {
    return Atomics.load(this.cells.control, CONTROL.begunCount);
  }

  /** Whether its next slot is free: it is not while the thread has not passed what was sent a whole round ago. */
  get hasRoom(): boolean {
    return Atomics.load(this.cells.claims, this.nextSlot) === CLAIM.free && this.held[this.nextSlot] === undefined;
  }

  /** Part of the time since the last look, at least 200 ms, in which it was awake, 0..1. */
  get utilisationRatio(): number {
    return this.window.ratio();
  }

  /** Its utilisation in quarters, looked at 200 ms after the last time at the earliest: small differences are chance. */
  utilisationStep(nowMs: number): number {
    if (nowMs - this.steppedMs >= STEP_EVERY_MS) {
      this.steppedMs = nowMs;
      this.step = Math.floor(this.window.ratio() * 4) / 4;
    }
    return this.step;
  }

  /** Whether it has begun a task since `noteProgress`. */
  get hasProgressed(): boolean {
    return this.begunCount !== this.seenBegun;
  }

  /** It is stuck in one task, or was not woken, and what it has not begun was taken back; until it moves again. */
  get isStalled(): boolean {
    if (this.stalled && this.heldCount === 0) {
      const last = (this.nextSlot - 1) & SLOT_MASK;
      this.stalled = Atomics.load(this.cells.claims, last) !== CLAIM.free;
    }
    return this.stalled;
  }

  set isStalled(stalled: boolean) {
    this.stalled = stalled;
  }

  /** Remembers how far it is. */
  noteProgress(nowMs: number): void {
    if (!this.hasProgressed) return;
    this.seenBegun = this.begunCount;
    this.seenBegunMs = nowMs;
  }

  /**
   * Whether it has been in one task for `stallMs` and for twice what the task is expected to take. One that is in none has not
   * been given a core yet: another would hardly be sooner, so that it has ten times as long.
   */
  isStuck(nowMs: number, stallMs: number): boolean {
    if (this.hasProgressed) return false;
    const running = this.running();
    const expectedMs = running === undefined ? stallMs * 10 : (2 * running.expectedUs) / 1_000;
    return nowMs - this.seenBegunMs >= Math.max(stallMs, expectedMs);
  }

  keepAlive(on: boolean): void {
    this.link.keepAlive(on);
  }

  /** Sends the first calls of the queue in one message, at least one when there is room. */
  fill(queue: CallQueue, bounds: GroupBounds): void {
    // It cannot have progressed with nothing to do.
    if (this.heldCount === 0) this.seenBegunMs = bounds.nowMs;
    const calls: Call[] = [];
    let bytes = 0;
    let us = 0;
    while (calls.length < bounds.maxCount && bytes < MAX_GROUP_BYTES && this.hasRoom) {
      const call = queue.first;
      if (call === undefined) break;
      const callUs = call.task.meanUs ?? bounds.maxUs;
      us += callUs;
      if (calls.length > 0 && (us > bounds.maxUs || call.goesAlone)) break;
      queue.shift();
      bytes += toBytes(call.input);
      call.expectedUs = callUs;
      this.place(call);
      calls.push(call);
      if (call.goesAlone) break;
    }
    if (calls.length > 0) this.send(calls);
  }

  /** Takes a call back that the thread has not begun; false when it has. */
  takeBack(call: Call): boolean {
    const { slot } = call;
    if (this.held[slot] !== call) return false;
    if (Atomics.compareExchange(this.cells.claims, slot, CLAIM.sent, CLAIM.taken) !== CLAIM.sent) return false;
    this.release(call);
    return true;
  }

  /** Takes back the last `maxCount` calls that the thread has not begun; in the order in which they were sent. */
  takeBackAll(maxCount = SLOTS): Call[] {
    const taken: Call[] = [];
    for (let back = 1; back <= SLOTS && taken.length < maxCount && this.heldCount > 0; back++) {
      const call = this.held[(this.nextSlot - back) & SLOT_MASK];
      if (call !== undefined && this.takeBack(call)) taken.push(call);
    }
    return taken.toReversed();
  }

  /** The call whose task runs; `undefined` when none does or its answer is there. */
  running(): Call | undefined {
    if (this.heldCount === 0) return undefined;
    return this.held.find((call, slot) => call !== undefined && Atomics.load(this.cells.claims, slot) === CLAIM.begun);
  }

  /** Lets go of every call it holds, of a thread that has ended; in the order in which they were sent. */
  takeAll(): { begun: Call[]; waiting: Call[] } {
    const waiting = this.takeBackAll();
    const begun = this.held.filter((call) => call !== undefined);
    for (const call of begun) this.release(call);
    return { begun, waiting };
  }

  /** Reads every answer that is there, whether its message has come or not. */
  catchUp(): void {
    let count = 0;
    for (let message = this.link.receive(); message !== undefined; message = this.link.receive()) {
      if (message === READY) this.becomeReady();
      else if (message !== BELL) {
        this.answerDirectly(message);
        count++;
      }
    }
    count += this.drain();
    if (count > 0) this.options.events.onAnswered(this);
  }

  /** Ends the thread at once. */
  kill(): void {
    if (this.isKilled || this.hasEnded) return;
    this.isKilled = true;
    this.isDraining = true;
    this.link.kill();
  }

  /** Asks V8 for the thread's memory, also while it spins; nothing is known of one that has ended meanwhile. */
  async readMemory(): Promise<void> {
    try {
      const read = await this.link.readMemory();
      if (!this.hasEnded) this.memory.write(read);
    } catch {
      // It ended before it was asked.
    }
  }

  private place(call: Call): void {
    const slot = this.nextSlot;
    this.nextSlot = (slot + 1) & SLOT_MASK;
    this.held[slot] = call;
    call.thread = this;
    call.slot = slot;
    this.heldCount++;
    this.expectedUs += call.expectedUs;
    // The message that follows makes it visible.
    this.cells.claims[slot] = CLAIM.sent;
  }

  private release(call: Call): void {
    this.held[call.slot] = undefined;
    call.thread = undefined;
    this.heldCount--;
    this.expectedUs = this.heldCount === 0 ? 0 : this.expectedUs - call.expectedUs;
  }

  private send(calls: readonly Call[]): void {
    try {
      this.post(calls);
    } catch (error) {
      this.sendSingly(calls, error);
    }
    const { control } = this.cells;
    Atomics.add(control, CONTROL.wake, 1);
    Atomics.notify(control, CONTROL.wake, 1);
  }

  /** One call of a group cannot be cloned: it fails alone. */
  private sendSingly(calls: readonly Call[], error: unknown): void {
    for (const call of calls) {
      try {
        if (calls.length === 1) throw error;
        this.post([call]);
      } catch (why) {
        this.cells.claims[call.slot] = CLAIM.free;
        this.release(call);
        this.options.events.onAnswer(call, true, toAppError(why));
      }
    }
  }

  private post(calls: readonly Call[]): void {
    const message = this.toMessage(calls);
    this.link.post(message);
    for (const [id] of message.newNames ?? []) this.knownNames.add(id);
  }

  private toMessage(calls: readonly Call[]): GroupMessage {
    const first = calls[0]!;
    const inputs: unknown[] = [];
    const names: number[] = [];
    let isUniform = true;
    let newNames: [number, string][] | undefined;
    for (const { input, task } of calls) {
      inputs.push(input);
      names.push(task.id);
      isUniform &&= task === first.task;
      if (!this.knownNames.has(task.id)) (newNames ??= []).push([task.id, task.name]);
    }
    const message = { firstSlot: first.slot, names: isUniform ? first.task.id : names, inputs };
    return newNames === undefined ? message : { ...message, newNames };
  }

  private take(message: ThreadMessage): void {
    if (message === READY) return this.becomeReady();
    if (message !== BELL) this.answerDirectly(message);
    else if (this.drain() === 0) return;
    this.options.events.onAnswered(this);
  }

  private drain(): number {
    // First, so that what is written from now on is told of again.
    Atomics.store(this.cells.control, CONTROL.bell, 0);
    return this.reader.drain(this.onRingAnswer);
  }

  private becomeReady(): void {
    if (this.hasEnded) return;
    this.isReady = this.wasReady = true;
    this.options.events.onReady(this);
  }

  private answerDirectly({ slot, durationUs, value, error }: DirectAnswer): void {
    this.onRingAnswer(slot, error !== undefined, error === undefined ? value : AppError.fromData(error), durationUs);
  }

  private readonly onRingAnswer = (slot: number, isError: boolean, value: unknown, durationUs: number): void => {
    const call = this.held[slot];
    // The lane was closed meanwhile.
    if (call === undefined) return;
    this.release(call);
    this.cells.claims[slot] = CLAIM.free;
    this.completed++;
    this.isStalled = false;
    call.task.observe(durationUs);
    this.options.events.onAnswer(call, isError, value);
  };
}

/** About what cloning copies; only what is large without being many things counts. */
function toBytes(input: unknown): number {
  if (typeof input === 'string') return input.length;
  return ArrayBuffer.isView(input) || input instanceof ArrayBuffer ? input.byteLength : 0;
}
