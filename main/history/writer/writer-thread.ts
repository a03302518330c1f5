import { backoffMs } from '../../../runtime/time/backoff.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { threadPort } from '../../../runtime/workers/thread-port.ts';
import type { RecordBatch } from '../ingest/record-batch.ts';
import { openForWriting, type Connection } from '../store/database.ts';
import { toHistoryFailure } from '../store/history-failure.ts';
import { BatchWriter } from './batch-writer.ts';
import { markInterruptedRuns } from './interrupted-runs.ts';
import { WordIndex } from './word-index.ts';
import { WriteAheadLog } from './write-ahead-log.ts';
import type { WriterData, WriterReply } from './writer-messages.ts';

/** A batch that could not be written is tried again this soon at first, and never later than the maximum. */
const RETRY = { baseMs: 50, maxMs: 2_000 };

/** Quiet time after a batch before the word index takes its turn. */
const IDLE_MS = 15;

/** Batches between which an index that is too far behind gets a step although more batches wait. */
const BATCHES_PER_FORCED_STEP = 4;

const port = threadPort();
const data = port.data as WriterData;
const post = (reply: WriterReply): void => port.post(reply);

/** Everything the thread holds; opened once. */
class Writer {
  readonly #connection: Connection;
  readonly #batches: BatchWriter;
  readonly #words: WordIndex;
  readonly #log: WriteAheadLog;
  readonly #waiting: RecordBatch[] = [];
  #isWorking = false;
  #written: Promise<void> | undefined;
  #sinceStep = 0;
  #wordLag: number;
  #idle: Disposable | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#batches = new BatchWriter(connection);
    this.#words = new WordIndex(connection);
    this.#log = new WriteAheadLog(connection, data.walMaxBytes);
    this.#wordLag = this.#words.lag();
    this.#restAndIndex();
  }

  take(batch: RecordBatch): void {
    this.#waiting.push(batch);
    if (!this.#isWorking) this.#written = this.#work();
  }

  /** Writes what has arrived, then closes the database. While the disk is full this waits, until the thread is ended. */
  async close(): Promise<void> {
    await this.#written;
    this.#idle?.[Symbol.dispose]();
    this.#isWorking = true;
    this.#quietly(() => this.#log.truncate());
    this.#quietly(() => this.#connection.close());
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    this.#idle?.[Symbol.dispose]();
    for (let batch = this.#waiting.shift(); batch; batch = this.#waiting.shift()) await this.#write(batch);
    this.#isWorking = false;
    this.#restAndIndex();
  }

  async #write(batch: RecordBatch): Promise<void> {
    const beganAt = systemClock.monoMs();
    await untilWritten(() => this.#batches.write(batch, systemClock.nowMs()));
    this.#wordLag += batch.recordCount;
    const tookMs = systemClock.monoMs() - beganAt;
    post({ kind: 'done', sequence: batch.sequence, tookMs, walBytes: this.#log.bytes, wordLag: this.#wordLag });
    this.#quietly(() => this.#log.tend());
    if (this.#wordLag > data.maxWordLagRows && ++this.#sinceStep >= BATCHES_PER_FORCED_STEP) {
      this.#sinceStep = 0;
      this.#indexStep();
    }
  }

  #restAndIndex(): void {
    this.#idle?.[Symbol.dispose]();
    const timer = systemClock.after(IDLE_MS, () => {
      if (!this.#isWorking && this.#indexStep() > 0) this.#continueIndexing();
    });
    timer.keepAlive(false);
    this.#idle = timer;
  }

  /** One step a turn of the event loop, so that a batch that arrives goes first. */
  #continueIndexing(): void {
    const timer = systemClock.after(0, () => {
      if (this.#isWorking) return;
      if (this.#indexStep() > 0) this.#continueIndexing();
      else this.#settle();
    });
    timer.keepAlive(false);
    this.#idle = timer;
  }

  #indexStep(): number {
    return this.#quietly(() => this.#words.step()) ?? 0;
  }

  #settle(): void {
    this.#quietly(() => {
      this.#wordLag = this.#words.lag();
      this.#log.tend();
    });
    post({ kind: 'words', wordLag: this.#wordLag });
  }

  /** What is not a record may fail while the disk is full or the database is held; the next time does it. */
  #quietly<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch {
      return undefined;
    }
  }
}

/** Tries until it works; says so when it does not, and when it does again. */
async function untilWritten(write: () => void): Promise<void> {
  for (let attempt = 1, said: string | undefined; ; attempt++) {
    try {
      write();
      if (said !== undefined) post({ kind: 'trouble', error: undefined });
      return;
    } catch (error) {
      const failure = toHistoryFailure(error, data.dataDir);
      // What is no trouble of the machine's would fail for ever: the thread ends, and with it what it was trusted with.
      if (failure.code === 'INTERNAL') throw failure;
      if (failure.code !== said) post({ kind: 'trouble', error: failure.toData() });
      said = failure.code;
    }
    await systemClock.sleep(backoffMs(attempt, RETRY));
  }
}

function open(): void {
  let writer: Writer;
  let interruptedRuns: number;
  try {
    const connection = openForWriting(data.dataDir);
    interruptedRuns = markInterruptedRuns(connection, systemClock.nowMs());
    writer = new Writer(connection);
  } catch (error) {
    post({ kind: 'refused', error: toHistoryFailure(error, data.dataDir).toData() });
    port.close();
    return;
  }
  port.onMessage((message) => writer.take(message as RecordBatch));
  port.onClose(() => writer.close());
  post({ kind: 'ready', interruptedRuns });
}

open();
