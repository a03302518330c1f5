import type { TransferListItem } from 'node:worker_threads';
import { AppError, toAppError, type ErrorData } from '../../../shared/errors/app-error.ts';
import type { CpuTask } from '../cpu-tasks.ts';
import { AnswerWriter } from './answer-ring.ts';
import { BELL, type DirectAnswer, type GroupMessage, type ThreadMessage } from './messages.ts';
import { CLAIM, CONTROL, SLOT_MASK, type SharedCells } from './shared-memory.ts';
import { findTransferables } from './transferables.ts';

/** Answers of short tasks are told of together, at most this late; the owner looks by itself when a task takes longer. */
const BELL_EVERY_MS = 0.05;

/** What a thread loop needs of the thread around it. */
export interface ThreadSurroundings {
  readonly cells: SharedCells;
  /** Posts to the owner. */
  post(message: ThreadMessage, transfer?: readonly TransferListItem[]): void;
  /** Loads a task by its name; called once for each name that is found. */
  load(name: string): Promise<CpuTask>;
  monoMs(): number;
}

/**
 * What runs inside a cpu thread: takes the tasks of its messages in order, claims each, runs it, and writes its answer where
 * the owner can read it. One task at a time, an asynchronous one too, so that the end of a thread ends one task at most.
 */
export class ThreadLoop {
  private readonly around: ThreadSurroundings;
  private readonly cells: SharedCells;
  private readonly answers: AnswerWriter;
  private readonly names = new Map<number, string>();
  private readonly tasks = new Map<number, CpuTask>();
  private readonly groups: GroupMessage[] = [];
  private place = 0;
  private startedMs = 0;
  private toldMs = 0;
  private hasUntold = false;

  constructor(around: ThreadSurroundings) {
    this.around = around;
    this.cells = around.cells;
    this.answers = new AnswerWriter(around.cells);
  }

  receive(group: GroupMessage): void {
    for (const [id, name] of group.newNames ?? []) this.names.set(id, name);
    if (this.groups.push(group) === 1) this.toldMs = this.startedMs = this.around.monoMs();
  }

  /** Runs the next task: whether there was one; a promise while it is on its way. Never throws or rejects. */
  step(): boolean | Promise<void> {
    const group = this.groups[0];
    if (group === undefined) return false;
    const index = this.place++;
    const slot = (group.firstSlot + index) & SLOT_MASK;
    const { claims, control } = this.cells;
    const input = group.inputs[index];
    const name = typeof group.names === 'number' ? group.names : group.names[index]!;
    const isLast = this.place === group.inputs.length;
    if (isLast) {
      this.groups.shift();
      this.place = 0;
    }
    if (Atomics.compareExchange(claims, slot, CLAIM.sent, CLAIM.begun) !== CLAIM.sent) {
      Atomics.store(claims, slot, CLAIM.free);
      if (isLast) this.tell();
      return true;
    }
    control[CONTROL.begunCount]!++;
    const pending = this.run(slot, name, input);
    if (pending !== undefined) return pending.then(() => void (isLast && this.tell()));
    if (isLast) this.tell();
    return true;
  }

  /** Tells the owner of answers that it has not been told of. */
  tell(): void {
    if (!this.hasUntold) return;
    this.hasUntold = false;
    this.toldMs = this.startedMs;
    if (Atomics.exchange(this.cells.control, CONTROL.bell, 1) === 0) this.around.post(BELL);
  }

  private run(slot: number, name: number, input: unknown): Promise<void> | undefined {
    const task = this.tasks.get(name);
    if (task === undefined) return this.loadAndRun(slot, name, input);
    try {
      const value = task(input as never);
      if (isThenable(value)) return this.settle(slot, value);
      this.answer(slot, value);
    } catch (error) {
      this.fail(slot, error);
    }
    return undefined;
  }

  private async loadAndRun(slot: number, id: number, input: unknown): Promise<void> {
    try {
      const name = this.names.get(id)!;
      const task = await this.around.load(name);
      this.tasks.set(id, task);
      this.startedMs = this.around.monoMs();
      this.answer(slot, await task(input as never));
    } catch (error) {
      this.fail(slot, error);
    }
  }

  private async settle(slot: number, pending: PromiseLike<unknown>): Promise<void> {
    try {
      this.answer(slot, await pending);
    } catch (error) {
      this.fail(slot, error);
    }
  }

  private answer(slot: number, value: unknown): void {
    const durationUs = this.takeDurationUs();
    const transfer = typeof value === 'object' && value !== null ? findTransferables(value) : [];
    if (transfer.length === 0 && this.answers.write(slot, value, durationUs)) return this.noteWritten();
    this.postAnswer({ slot, durationUs, value }, transfer);
  }

  private fail(slot: number, thrown: unknown): void {
    const durationUs = this.takeDurationUs();
    const error = toAppError(thrown).toData();
    if (this.answers.writeError(slot, error, durationUs)) return this.noteWritten();
    this.postAnswer({ slot, durationUs, error }, []);
  }

  private postAnswer(answer: DirectAnswer, transfer: readonly TransferListItem[]): void {
    try {
      this.around.post(answer, transfer);
    } catch (error) {
      // What cannot be cloned is a defect of the task; of an error, its details.
      const data: ErrorData = { ...toAppError(answer.error ? fromBare(answer.error) : error).toData() };
      this.around.post({ slot: answer.slot, durationUs: answer.durationUs, error: data });
    }
  }

  private noteWritten(): void {
    this.hasUntold = true;
    if (this.startedMs - this.toldMs >= BELL_EVERY_MS) this.tell();
  }

  /** Time since the last task ended, which is when this one began. */
  private takeDurationUs(): number {
    const nowMs = this.around.monoMs();
    const durationUs = Math.min(0x7fffffff, Math.max(0, Math.round((nowMs - this.startedMs) * 1_000)));
    this.startedMs = nowMs;
    return durationUs;
  }
}

function fromBare({ code, message }: ErrorData): AppError {
  return new AppError(code, message);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
