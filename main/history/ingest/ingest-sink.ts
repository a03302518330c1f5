import { AppError, type ErrorData } from '../../../shared/errors/app-error.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { RuntimeEvent } from '../../../shared/events/runtime-event.ts';
import type { Clock } from '../../../runtime/time/clock.ts';
import type { HistoryStats } from '../history.ts';
import type { WriterReply } from '../writer/writer-messages.ts';
import { EventIntake } from './event-intake.ts';
import type { RecordBatch } from './record-batch.ts';

/** Limits of the sink. */
export interface IngestLimits {
  /** Longest time a record waits before it goes to the writer. */
  readonly flushMs: number;
  /** Records of a batch; when that many wait, they go at once. */
  readonly batchRecords: number;
  /** Records that may wait or be under way before `room` holds back; `emit` still takes them. */
  readonly bufferRecords: number;
  /** Bytes kept of the arguments and of the output of a call, each. */
  readonly maxOutputBytes: number;
}

/** Batches handed to the writer ahead of its answers: one to write, one to have at hand, and as much again for jitter. */
const MAX_IN_FLIGHT = 4;

/** UTF-16 units of text that may be under way before `room` holds back: 64 to 128 MB beside the records' own bound. */
const BUFFER_TEXT_LENGTH = 64 * 2 ** 20;

/** Held back for age only above this; a single batch that waits for a checkpoint must not stop everything. */
const LATE_RECORDS = 2_000;

/** Wakes waiters when this share of the bound is free again. */
const ROOM_RATIO = 0.5;

/** Above this share of the bound the writer counts as behind, and low-value records are sampled. */
const BEHIND_RATIO = 0.25;

/** The way of events to the writer: gathers, packs, hands over, holds back. */
export class IngestSink implements EventSink {
  readonly #limits: IngestLimits;
  readonly #clock: Clock;
  readonly #send: (batch: RecordBatch) => void;
  readonly #intake: EventIntake;
  readonly #sealed: RecordBatch[] = [];
  readonly #inFlight: { readonly batch: RecordBatch; readonly sealedAt: number }[] = [];
  #sealedRecords = 0;
  #sealedText = 0;
  #written = 0;
  #walBytes = 0;
  #wordLag = 0;
  #trouble: ErrorData | undefined;
  #lost: AppError | undefined;
  #timer: Disposable | undefined;
  #oldestAt = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #flushes: { readonly sequence: number; readonly done: PromiseWithResolvers<void> }[] = [];
  #lastSequence = 0;

  constructor(options: { limits: IngestLimits; clock: Clock; send: (batch: RecordBatch) => void }) {
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#send = options.send;
    this.#intake = new EventIntake(options.limits.maxOutputBytes);
  }

  emit(event: RuntimeEvent): void {
    if (this.#timer === undefined) this.#startTimer();
    this.#intake.add(event, this.#sealedRecords > this.#limits.bufferRecords * BEHIND_RATIO);
    if (this.#intake.size >= this.#limits.batchRecords) this.#seal();
  }

  room(): Promise<void> | undefined {
    if (this.#hasRoom(1)) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  async flush(): Promise<void> {
    this.#seal();
    if (this.#lost) throw this.#lost;
    if (this.#sealedRecords === 0) return;
    const done = Promise.withResolvers<void>();
    this.#flushes.push({ sequence: this.#lastSequence, done });
    await done.promise;
  }

  stats(): HistoryStats {
    const oldest = this.#inFlight[0]?.sealedAt ?? (this.#intake.size > 0 ? this.#oldestAt : undefined);
    return {
      pending: this.#sealedRecords + this.#intake.size,
      capacity: this.#limits.bufferRecords,
      written: this.#written,
      sampledOut: this.#intake.sampledOut,
      lagMs: oldest === undefined ? 0 : this.#clock.monoMs() - oldest,
      wordLag: this.#wordLag,
      walBytes: this.#walBytes,
      trouble: this.#trouble,
    };
  }

  /** To be called with each answer of the writer. */
  hear(reply: WriterReply): void {
    if (reply.kind === 'trouble') this.#trouble = reply.error;
    else if (reply.kind === 'words') this.#wordLag = reply.wordLag;
    else if (reply.kind === 'done') {
      const { batch } = this.#inFlight.shift()!;
      this.#sealedRecords -= batch.recordCount;
      this.#sealedText -= batch.text.length;
      this.#written += batch.recordCount;
      this.#walBytes = reply.walBytes;
      this.#wordLag = reply.wordLag;
      this.#settleFlushes(reply.sequence);
      this.#feed();
    }
    this.#wakeWaiters();
  }

  /** The writer is gone for good: nothing more can be recorded, so nothing more is let in. */
  lose(error: AppError): void {
    this.#lost = error;
    this.#trouble = error.toData();
    for (const { done } of this.#flushes.splice(0)) done.reject(error);
  }

  #startTimer(): void {
    this.#oldestAt = this.#clock.monoMs();
    this.#timer = this.#clock.after(this.#limits.flushMs, () => this.#seal());
  }

  #seal(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const batch = this.#intake.take();
    if (!batch) return;
    this.#lastSequence = batch.sequence;
    this.#sealedRecords += batch.recordCount;
    this.#sealedText += batch.text.length;
    this.#sealed.push(batch);
    this.#feed();
  }

  #feed(): void {
    while (this.#sealed.length > 0 && this.#inFlight.length < MAX_IN_FLIGHT && !this.#lost) {
      const batch = this.#sealed.shift()!;
      this.#inFlight.push({ batch, sealedAt: this.#clock.monoMs() });
      this.#send(batch);
    }
  }

  #hasRoom(ratio: number): boolean {
    if (this.#trouble !== undefined) return false;
    const { bufferRecords, flushMs } = this.#limits;
    if (this.#sealedRecords > bufferRecords * ratio || this.#sealedText > BUFFER_TEXT_LENGTH * ratio) return false;
    return this.#sealedRecords < LATE_RECORDS || this.#clock.monoMs() - this.#inFlight[0]!.sealedAt < flushMs;
  }

  #wakeWaiters(): void {
    if (this.#room === undefined || !this.#hasRoom(ROOM_RATIO)) return;
    this.#room.resolve();
    this.#room = undefined;
  }

  #settleFlushes(sequence: number): void {
    while (this.#flushes[0] !== undefined && this.#flushes[0].sequence <= sequence)
      this.#flushes.shift()!.done.resolve();
  }
}
