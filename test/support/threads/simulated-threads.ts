import { AppError } from '../../../shared/errors/app-error.ts';
import type { GroupMessage, ThreadMessage } from '../../../runtime/workers/cpu/messages.ts';
import { READY } from '../../../runtime/workers/cpu/messages.ts';
import { FIGURE, toCells, type SharedCells } from '../../../runtime/workers/cpu/shared-memory.ts';
import { ThreadLoop } from '../../../runtime/workers/cpu/thread-loop.ts';
import type { LinkStart, OpenLink, ThreadLink } from '../../../runtime/workers/cpu/thread-link.ts';

/** What a simulated task does: answers, fails, stays in the thread until it is let go, or ends it. */
export type SimulatedKind = 'answer' | 'refuse' | 'stay' | 'die' | 'exhaust';

/** The input of a simulated task. */
export interface SimulatedInput {
  readonly id: number;
  readonly kind: SimulatedKind;
}

/**
 * A cpu thread without a thread: the same loop, claims and answers in the same memory, moved step by step by a test, so that
 * any order of what the two sides do can be tried.
 */
export class SimulatedThread implements ThreadLink {
  readonly start: LinkStart;
  readonly cells: SharedCells;
  isKilled = false;
  hasEnded = false;
  /** Whether it would keep the process alive. */
  keepsAlive = true;
  private readonly world: SimulatedThreads;
  private readonly inbox: GroupMessage[] = [];
  private readonly outbox: ThreadMessage[] = [];
  private readonly loop: ThreadLoop;
  private isStarted = false;
  private isBusy = false;
  private fate: Error | undefined;
  private letGo: (() => void) | undefined;
  private messageListener: (message: ThreadMessage) => void = () => {};
  private endListener: (error: Error | undefined) => void = () => {};

  constructor(start: LinkStart, world: SimulatedThreads) {
    this.start = start;
    this.world = world;
    this.cells = toCells(start.shared);
    this.loop = new ThreadLoop({
      cells: this.cells,
      post: (message) => void this.outbox.push(structuredClone(message)),
      load: async () => (input: SimulatedInput) => this.run(input),
      monoMs: () => world.nowMs(),
    });
  }

  /** The next thing the thread does: start, die, run a task, or take a message. */
  step(): void {
    if (this.hasEnded) return;
    if (this.isKilled || this.fate !== undefined) return this.end();
    if (!this.isStarted) {
      this.isStarted = true;
      this.outbox.push(READY);
      return;
    }
    if (this.isBusy) return;
    const outcome = this.loop.step();
    if (typeof outcome === 'object') {
      this.isBusy = true;
      void outcome.then(() => (this.isBusy = false));
    } else if (!outcome && this.inbox.length > 0) this.loop.receive(this.inbox.shift()!);
  }

  /** Brings one message of the thread to its owner. */
  deliver(): void {
    const message = this.outbox.shift();
    if (message !== undefined) this.messageListener(message);
  }

  /** Lets a task that stays end. */
  release(): void {
    this.letGo?.();
    this.letGo = undefined;
  }

  /** The thread dies at its next step. */
  crash(error: Error): void {
    this.fate ??= error;
  }

  post(message: GroupMessage): void {
    this.inbox.push(structuredClone(message));
  }

  onMessage(listener: (message: ThreadMessage) => void): void {
    this.messageListener = listener;
  }

  onEnd(listener: (error: Error | undefined) => void): void {
    this.endListener = listener;
  }

  receive(): ThreadMessage | undefined {
    return this.outbox.shift();
  }

  keepAlive(on: boolean): void {
    this.keepsAlive = on;
  }

  kill(): void {
    this.isKilled = true;
  }

  async readMemory(): Promise<{ heapUsedBytes: number; heapLimitBytes: number; externalBytes: number }> {
    return { heapUsedBytes: 1, heapLimitBytes: this.start.oldGenerationBytes, externalBytes: this.externalBytes };
  }

  /** Bytes outside the heap, as the thread would tell of them. */
  get externalBytes(): number {
    return this.cells.figures[FIGURE.externalBytes]!;
  }

  set externalBytes(bytes: number) {
    this.cells.figures[FIGURE.externalBytes] = bytes;
  }

  private end(): void {
    this.hasEnded = true;
    this.world.live.delete(this);
    this.endListener(this.isKilled ? undefined : this.fate);
  }

  private run({ id, kind }: SimulatedInput): unknown {
    this.world.noteRun(id);
    if (kind === 'answer') return id;
    if (kind === 'refuse') throw new AppError('FILE_NOT_FOUND', `There is no ${id}.`);
    if (kind === 'die') this.crash(new AppError('WORKER_LOST', 'The thread exited.'));
    if (kind === 'exhaust') this.crash(new AppError('WORKER_OUT_OF_MEMORY', 'The thread had no room.'));
    return new Promise((resolve) => {
      if (kind === 'stay') this.letGo = () => resolve(id);
    });
  }
}

/** The simulated threads of one lane. */
export class SimulatedThreads {
  readonly live = new Set<SimulatedThread>();
  readonly runs = new Map<number, number>();
  readonly nowMs: () => number;
  /** Called before a thread is opened. */
  onOpen: (start: LinkStart) => void = () => {};

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  readonly open: OpenLink = (start) => {
    this.onOpen(start);
    const thread = new SimulatedThread(start, this);
    this.live.add(thread);
    return thread;
  };

  noteRun(id: number): void {
    this.runs.set(id, (this.runs.get(id) ?? 0) + 1);
  }
}
