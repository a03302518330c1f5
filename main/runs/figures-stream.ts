import type { LiveRun } from '../../runtime/fleet/fleets.ts';
import type { RunId } from '../../shared/model/ids.ts';
import { encodeTable } from '../../shared/table/encode-table.ts';
import { runFrames } from '../../shared/table/run-frames.ts';
import type { RunRooms } from './run-rooms.ts';

/** Rows of a recorded run: about what a chart is wide. */
const MAX_ROWS = 600;

/** A run's last figures are recorded with the frame of its last second. */
const AFTER_END_MS = 2_000;

/** Stands where nothing was measured, so that a receiver can tell nothing from not yet. */
const NO_ROWS = encodeTable(
  runFrames,
  0,
  Object.fromEntries(Object.keys(runFrames.columns).map((name) => [name, []])) as never,
);

/**
 * The figures of a run by second, as tables: what is kept first, then each second of a live run until its end. A run that
 * was resumed begins with what is recorded of it.
 *
 * @throws {AppError} RUN_NOT_FOUND, HISTORY_LOCKED, HISTORY_DAMAGED
 */
export async function* streamFigures(
  rooms: RunRooms,
  runId: RunId,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { reader } = rooms.history;
  const journaled = rooms.journal.find(runId);
  if (!journaled) {
    const { startedAtMs, endedAtMs } = await reader.getRun(runId);
    yield* recordedFigures(rooms, runId, {
      fromMs: startedAtMs,
      toMs: (endedAtMs ?? rooms.clock.nowMs()) + AFTER_END_MS,
    });
    return;
  }
  const { beganAtMs } = journaled.run;
  const record = await reader.findRun(runId);
  if (record && record.startedAtMs < beganAtMs)
    yield* recordedFigures(rooms, runId, { fromMs: record.startedAtMs, toMs: beganAtMs });
  yield* liveFigures(journaled.run, signal);
}

async function* recordedFigures(
  { history: { reader } }: RunRooms,
  runId: RunId,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield NO_ROWS;
  const fold = Math.max(1, Math.ceil((await reader.countFrames(fromMs, toMs)) / MAX_ROWS));
  for (let afterMs: number | undefined = fromMs; afterMs !== undefined;) {
    const page: Awaited<ReturnType<typeof reader.framePage>> = await reader.framePage({ runId, afterMs, toMs, fold });
    if (page.frames) yield page.frames;
    afterMs = page.next;
  }
}

async function* liveFigures({ frames }: LiveRun, signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let change = Promise.withResolvers<void>();
  using _watch = frames.watch(() => change.resolve());
  const onAbort = (): void => change.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (let next = 0, isFirst = true; !signal.aborted; isFirst = false) {
      change = Promise.withResolvers();
      const isOver = frames.isEnded;
      const from = next;
      next = frames.count;
      if (isFirst || next > from) yield frames.encode(from);
      if (isOver) return;
      // A row that came while the receiver was slow has resolved it already.
      if (!signal.aborted) await change.promise;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
