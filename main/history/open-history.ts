import { ulid } from 'ulid';
import { AppError, type ErrorData } from '../../shared/errors/app-error.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import { openThread, type Thread } from '../../runtime/workers/thread.ts';
import type { History } from './history.ts';
import { IngestSink, type IngestLimits } from './ingest/ingest-sink.ts';
import type { RecordBatch } from './ingest/record-batch.ts';
import { openReaderThread } from './reader/open-reader.ts';
import { createSpillOrders, type SpillOrders } from './spill-orders.ts';
import type { WriterData, WriterReply } from './writer/writer-messages.ts';

/** How history is opened; limits that are absent have the defaults of `shared/settings`. */
export interface OpenHistoryOptions extends Partial<IngestLimits> {
  /** Made when it is missing. The caller owns it: one program writes a history at a time. */
  readonly dataDir: string;
  readonly clock: Clock;
  /** Size of the write-ahead log above which it is folded back and cut. */
  readonly walMaxBytes?: number;
  /** Rows the word index may be behind before it takes its share of the writer's time. */
  readonly maxWordLagRows?: number;
  /**
   * Called when nothing can be written any more, with a sentence for a person, and without when it can be again. INTERNAL is
   * a defect that writing does not come back from: `room` and `flush` reject with it; its cause is for the log.
   */
  readonly onTrouble?: (trouble: ErrorData | undefined, cause?: Error) => void;
}

/** Time to write what is left while the disk is full and the program ends. */
const CLOSE_IN_TROUBLE_MS = 5_000;

const DEFAULTS = {
  flushMs: 50,
  batchRecords: 1_000,
  bufferRecords: 100_000,
  maxOutputBytes: 65_536,
  walMaxBytes: 64 * 2 ** 20,
  maxWordLagRows: 500_000,
};

/**
 * Opens the history of a data directory: a thread that writes it and one that reads it. Runs that a program which died left
 * under way are marked `interrupted`.
 *
 * A record is durable within 100 ms of its being emitted, while `room` is respected; not counted is time in which its threads
 * could have run and the machine gave them no processor, or the disk took nothing. What a flush has acknowledged is durable
 * whatever happens. Disposing of it makes everything durable first.
 *
 * @throws {AppError} DATA_DIR_READ_ONLY, DISK_FULL, HISTORY_LOCKED, HISTORY_DAMAGED or HISTORY_NEWER.
 */
export async function openHistory(options: OpenHistoryOptions): Promise<History> {
  const { dataDir, clock, onTrouble, ...given } = options;
  const limits = { ...DEFAULTS, ...given };
  await using opening = new AsyncDisposableStack();
  const data: WriterData = { dataDir, walMaxBytes: limits.walMaxBytes, maxWordLagRows: limits.maxWordLagRows };
  const writer = opening.use(
    openThread({ name: 'history-writer', module: new URL('./writer/writer-thread.ts', import.meta.url), data }),
  );
  const sink = new IngestSink({ limits, clock, send: (batch) => postBatch(writer, batch) });
  const spill = createSpillOrders((order) => writer.post(order));
  await hearWriter(writer, { sink, spill, onTrouble });
  const reader = opening.use(openReaderThread(dataDir));
  const owned = opening.move();
  return {
    sink,
    reader,
    spillStore: spill.store,
    recordSettingChange: (change, settings) => sink.record({ type: 'setting.changed', change, settings }),
    flush: () => sink.flush(),
    stats: () => sink.stats(),
    async [Symbol.asyncDispose]() {
      try {
        await flushBeforeEnd(sink, clock);
      } finally {
        await owned.disposeAsync();
      }
    },
  };
}

function postBatch(writer: Thread, batch: RecordBatch): void {
  writer.post(batch, [batch.numbers.buffer, batch.lengths.buffer] as ArrayBuffer[]);
}

/** Resolves when the writer is ready; from then on its answers reach the sink. */
function hearWriter(
  writer: Thread,
  {
    sink,
    spill,
    onTrouble,
  }: Pick<OpenHistoryOptions, 'onTrouble'> & { readonly sink: IngestSink; readonly spill: SpillOrders },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  writer.onMessage((message) => {
    const reply = message as WriterReply;
    if (reply.kind === 'ready') resolve();
    else if (reply.kind === 'refused') reject(AppError.fromData(reply.error));
    else if (reply.kind === 'spilled') spill.hear(reply);
    else sink.hear(reply);
    if (reply.kind === 'trouble') onTrouble?.(reply.error);
  });
  writer.onEnd((error) => {
    if (error === undefined) return;
    const lost = toLoss(error);
    reject(lost);
    sink.lose(lost);
    spill.lose(lost);
    onTrouble?.(lost.toData(), error);
  });
  return promise;
}

function toLoss(error: Error): AppError {
  const incidentId = ulid();
  return new AppError(
    'INTERNAL',
    `History cannot be written any more (incident ${incidentId}: ${error.message}); what was written before is kept. Start Flotilla again.`,
    { cause: error, details: { incidentId } },
  );
}

/** Waits for everything to be written; while nothing can be, only for a while. */
async function flushBeforeEnd(sink: IngestSink, clock: Clock): Promise<void> {
  const flushed = sink.flush();
  const given = new AbortController();
  const gaveUp = (async () => {
    do await clock.sleep(CLOSE_IN_TROUBLE_MS, given.signal);
    while (sink.stats().trouble === undefined);
    const { pending, trouble } = sink.stats();
    throw new AppError(
      trouble?.code ?? 'INTERNAL',
      `${pending} records could not be written before the end: ${trouble?.message}`,
    );
  })();
  try {
    await Promise.race([flushed, gaveUp]);
  } finally {
    given.abort();
    gaveUp.catch(() => undefined);
    flushed.catch(() => undefined);
  }
}
