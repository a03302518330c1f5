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
import { SpilledContexts } from './spilled-contexts.ts';
import type { SpillOrder, WriterData, WriterReply } from './writer-messages.ts';

/** A batch that could not be written is tried again this soon at first, and never later than the maximum. */
const RETRY = { baseMs: 50, maxMs: 2_000 };

/** Quiet time after a batch before the word index takes its turn. */
const IDLE_MS = 15;

/** Longest that the word index works in one go while nothing waits: a batch that arrives waits that much longer. */
const IDLE_SLICE_MS = 5;

/** Longest that a batch waits for an index that is too far behind; and for each record written it takes in so many ids. */
const FORCED_SLICE_MS = 20;
const FORCED_RATIO = 1.25;

/** At the end the index catches up for this long at most, so that a search right after a run finds its words. */
const CLOSE_CATCH_UP_MS = 2_000;

const port = threadPort();
const data = port.data as WriterData;
const post = (reply: WriterReply): void => port.post(reply);

/** Everything the thread holds; opened once. */
class Writer {
  readonly #connection: Connection;
  readonly #batches: BatchWriter;
  readonly #contexts: SpilledContexts;
  readonly #words: WordIndex;
  readonly #log: WriteAheadLog;
  readonly #waiting: RecordBatch[] = [];
  #isWorking = false;
  #written: Promise<void> | undefined;
  #wordLag: number;
  #idle: Disposable | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#batches = new BatchWriter(connection);
    this.#contexts = new SpilledContexts(connection);
    this.#words = new WordIndex(connection);
    this.#log = new WriteAheadLog(connection, data.walMaxBytes);
    this.#wordLag = this.#words.lag();
    this.#restAndIndex();
  }

  take(batch: RecordBatch): void {
    this.#waiting.push(batch);
    if (!this.#isWorking) this.#written = this.#work();
  }

  /** Does at once what is to be done with a context; a failure is for whoever asked, who still has it. */
  spill({ id, do: what, session, content = '' }: SpillOrder): void {
    try {
      if (what === 'save') this.#contexts.save(session, content);
      else if (what === 'drop') this.#contexts.drop(session);
      const loaded = what === 'load' ? this.#contexts.load(session) : undefined;
      if (id > 0) post({ kind: 'spilled', id, content: loaded });
    } catch (error) {
      if (id > 0) post({ kind: 'spilled', id, error: toHistoryFailure(error, data.dataDir).toData() });
    }
    this.#quietly(() => this.#log.tend());
  }

  /** Writes what has arrived, then closes the database. While the disk is full this waits, until the thread is ended. */
  async close(): Promise<void> {
    await this.#written;
    this.#idle?.[Symbol.dispose]();
    this.#isWorking = true;
    this.#index({ forMs: CLOSE_CATCH_UP_MS });
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
    if (this.#wordLag > data.maxWordLagRows)
      this.#index({ forMs: FORCED_SLICE_MS, ids: batch.recordCount * FORCED_RATIO });
  }

  #restAndIndex(): void {
    this.#idle?.[Symbol.dispose]();
    const timer = systemClock.after(IDLE_MS, () => {
      if (!this.#isWorking) this.#indexInTurns();
    });
    timer.keepAlive(false);
    this.#idle = timer;
  }

  /** One slice a turn of the event loop, so that a batch that arrives goes first. */
  #indexInTurns(): void {
    if (!this.#index({ forMs: IDLE_SLICE_MS })) return this.#settle();
    const timer = systemClock.after(0, () => {
      if (!this.#isWorking) this.#indexInTurns();
    });
    timer.keepAlive(false);
    this.#idle = timer;
  }

  /** Takes rows into the index, for a time and up to a number of them; answers whether it may be behind still. */
  #index({ forMs, ids = Infinity }: { readonly forMs: number; readonly ids?: number }): boolean {
    const until = systemClock.monoMs() + forMs;
    for (let taken = 0; taken < ids && systemClock.monoMs() < until;) {
      const step = this.#quietly(() => this.#words.step()) ?? 0;
      if (step === 0) {
        this.#wordLag = this.#quietly(() => this.#words.lag()) ?? this.#wordLag;
        return false;
      }
      taken += step;
      this.#wordLag = Math.max(0, this.#wordLag - step);
      this.#quietly(() => this.#log.tend());
    }
    return true;
  }

  #settle(): void {
    this.#quietly(() => this.#log.tend());
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
  port.onMessage((message) => {
    const order = message as RecordBatch | SpillOrder;
    if ('kind' in order) writer.spill(order);
    else writer.take(order);
  });
  port.onClose(() => writer.close());
  post({ kind: 'ready', interruptedRuns });
}

open();
