import type { AppError, ErrorData } from '../../../shared/errors/app-error.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { RuntimeEvent } from '../../../shared/events/runtime-event.ts';
import type { Clock } from '../../../runtime/time/clock.ts';
import type { HistoryStats } from '../history.ts';
import type { WriterReply } from '../writer/writer-messages.ts';
import { EventIntake } from './event-intake.ts';
import type { RecordBatch, SettingChanged } from './record-batch.ts';

/** Limits of the sink. */
export interface IngestLimits {
  /** Longest time a record waits before it goes to the writer. */
  readonly flushMs: number;
  /** Records of a batch; when that many wait, they go at once. A writer that is slow for want of a processor gets fewer. */
  readonly batchRecords: number;
  /** Records that may wait or be under way before `room` holds back; `emit` still takes them. */
  readonly bufferRecords: number;
  /** Bytes kept of the arguments and of the output of a call, each. */
  readonly maxOutputBytes: number;
}

/** Batches handed to the writer ahead of its answers: one to write, one to have at hand, and as much again for jitter. */
const MAX_IN_FLIGHT = 4;

/** UTF-16 units of text that may be under way before `room` holds back: 16 to 32 MB, what a disk takes in about 80 ms. */
const BUFFER_TEXT_LENGTH = 16 * 2 ** 20;

/** UTF-16 units of text of a batch: packing and handing over so many holds main for about a millisecond. */
const BATCH_TEXT_LENGTH = 512 * 2 ** 10;

/** Work that is let in ahead of the writer, by its measured speed: with the wait for a batch it stays under 100 ms. */
const AHEAD_MS = 25;

/** With a record this old that is not written yet nothing more is let in, whatever the writer's speed was. */
const MAX_AGE_MS = 80;

/** Records a millisecond that the writer is taken to manage until it was measured. */
const ASSUMED_PER_MS = 20;

/** Weight of the newest batch in the measured speed; bad news is believed sooner than good. */
const FASTER_WEIGHT = 0.2;
const SLOWER_WEIGHT = 0.5;

/** Records of a batch that a slow writer gets still: fewer would cost it more in transactions than they save in time. */
const MIN_BATCH_RECORDS = 100;

/** Wakes waiters when this share of the bound is free again. */
const ROOM_RATIO = 0.5;

/** Above this share of the bound the writer counts as behind, and low-value records are sampled. */
const BEHIND_RATIO = 0.25;

interface SealedBatch {
  readonly batch: RecordBatch;
  readonly textLength: number;
  /** When its first record was emitted. */
  readonly beganAt: number;
}

/** The way of events to the writer: gathers, packs, hands over, holds back. */
export class IngestSink implements EventSink {
  readonly #limits: IngestLimits;
  readonly #clock: Clock;
  readonly #send: (batch: RecordBatch) => void;
  readonly #intake: EventIntake;
  readonly #sealed: SealedBatch[] = [];
  readonly #inFlight: SealedBatch[] = [];
  #sealedRecords = 0;
  #sealedText = 0;
  #written = 0;
  #walBytes = 0;
  #wordLag = 0;
  #trouble: ErrorData | undefined;
  #lost: AppError | undefined;
  #timer: Disposable | undefined;
  #oldestAt = 0;
  #perMs = ASSUMED_PER_MS;
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
    this.record(event);
  }

  /** Takes what is no event of the runtime too. */
  record(event: RuntimeEvent | SettingChanged): void {
    if (this.#lost) return;
    if (this.#timer === undefined) this.#startTimer();
    this.#intake.add(event, this.#sealedRecords > this.#limits.bufferRecords * BEHIND_RATIO);
    if (this.#intake.size >= this.#batchRecords() || this.#intake.textLength >= BATCH_TEXT_LENGTH) this.#seal();
  }

  room(): Promise<void> | undefined {
    if (this.#hasRoom(1)) return undefined;
    if (this.#room === undefined) {
      this.#room = Promise.withResolvers();
      // Whoever only looked whether there is room need not hear that there never will be.
      this.#room.promise.catch(() => undefined);
      if (this.#lost) this.#room.reject(this.#lost);
    }
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
    const oldest = this.#inFlight[0]?.beganAt ?? (this.#intake.size > 0 ? this.#oldestAt : undefined);
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
      const { batch, textLength } = this.#inFlight.shift()!;
      this.#measure(batch.recordCount, reply.tookMs);
      this.#sealedRecords -= batch.recordCount;
      this.#sealedText -= textLength;
      this.#written += batch.recordCount;
      this.#walBytes = reply.walBytes;
      this.#wordLag = reply.wordLag;
      this.#settleFlushes(reply.sequence);
      this.#feed();
    }
    this.#wakeWaiters();
  }

  /** The writer is gone for good: nothing more can be recorded, so nothing more is let in, and who waits is told. */
  lose(error: AppError): void {
    this.#lost = error;
    this.#trouble = error.toData();
    this.#timer?.[Symbol.dispose]();
    this.#room?.reject(error);
    for (const { done } of this.#flushes.splice(0)) done.reject(error);
  }

  #startTimer(): void {
    this.#oldestAt = this.#clock.monoMs();
    this.#timer = this.#clock.after(this.#limits.flushMs, () => this.#seal());
  }

  #seal(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const { textLength } = this.#intake;
    const batch = this.#intake.take();
    if (!batch) return;
    this.#lastSequence = batch.sequence;
    this.#sealedRecords += batch.recordCount;
    this.#sealedText += textLength;
    this.#sealed.push({ batch, textLength, beganAt: this.#oldestAt });
    this.#feed();
  }

  #feed(): void {
    while (this.#sealed.length > 0 && this.#inFlight.length < MAX_IN_FLIGHT && !this.#lost) {
      const next = this.#sealed.shift()!;
      this.#inFlight.push(next);
      this.#send(next.batch);
    }
  }

  #hasRoom(ratio: number): boolean {
    if (this.#trouble !== undefined) return false;
    const ahead = Math.min(this.#limits.bufferRecords, Math.max(this.#batchRecords(), this.#perMs * AHEAD_MS));
    if (this.#sealedRecords > ahead * ratio || this.#sealedText > BUFFER_TEXT_LENGTH * ratio) return false;
    const oldest = this.#inFlight[0];
    return oldest === undefined || this.#clock.monoMs() - oldest.beganAt < MAX_AGE_MS;
  }

  /** A batch takes the writer no longer than `AHEAD_MS`. */
  #batchRecords(): number {
    const { batchRecords } = this.#limits;
    return Math.min(batchRecords, Math.max(MIN_BATCH_RECORDS, this.#perMs * AHEAD_MS));
  }

  /** Takes one batch into the writer's speed, by the writer's own clock: its answers reach a busy main in bunches. */
  #measure(recordCount: number, tookMs: number): void {
    if (tookMs <= 0) return;
    const perMs = recordCount / tookMs;
    this.#perMs += (perMs - this.#perMs) * (perMs < this.#perMs ? SLOWER_WEIGHT : FASTER_WEIGHT);
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
