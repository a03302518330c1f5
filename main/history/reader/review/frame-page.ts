import { encodeTable, type TableInput } from '../../../../shared/table/encode-table.ts';
import { foldFrames, type FrameColumn, type FrameRow, MEASURED_COLUMNS } from '../../../../shared/table/fold-frames.ts';
import { runFrames } from '../../../../shared/table/run-frames.ts';
import type { Connection } from '../../store/database.ts';

/** Metric frames that a page reads, at about 50 microseconds each. */
const PAGE_FRAMES = 400;

/** What a page of a run's figures is asked for. */
export interface FramePageRequest {
  readonly runId: string;
  /** Frames recorded after this moment and not after the other. */
  readonly afterMs: number;
  readonly toMs: number;
  /** Frames that become one row, 1 or more. */
  readonly fold: number;
}

/** Figures of a run as the table `runFrames`; absent when none of the page are of this run. */
export interface FramePage {
  readonly frames?: Uint8Array<ArrayBuffer>;
  /** Goes on after this moment; absent at the end. */
  readonly next?: number;
}

/** How many metric frames were recorded after one moment and not after another. */
export function countFrames(connection: Connection | undefined, afterMs: number, toMs: number): number {
  const count = connection?.prepare('SELECT count(*) FROM metric_frames WHERE at_ms > ? AND at_ms <= ?').pluck();
  return (count?.get(afterMs, toMs) as number | undefined) ?? 0;
}

/**
 * A page of the figures of one run, `fold` recorded frames a row.
 *
 * Frames in which the run has no figures (it had ended, and was resumed later) make no row.
 */
export function framePage(connection: Connection | undefined, request: FramePageRequest): FramePage {
  if (!connection) return {};
  const { runId, afterMs, toMs, fold } = request;
  const limit = fold * Math.max(1, Math.floor(PAGE_FRAMES / fold));
  const frames = connection
    .prepare('SELECT at_ms, figures FROM metric_frames WHERE at_ms > ? AND at_ms <= ? ORDER BY at_ms LIMIT ?')
    .all(afterMs, toMs, limit) as { at_ms: number; figures: string }[];
  const rows: FrameRow[] = [];
  for (let at = 0; at < frames.length; at += fold) {
    const seconds = frames
      .slice(at, at + fold)
      .flatMap(({ at_ms: atMs, figures }) => toRow(runId, atMs, figures) ?? []);
    if (seconds.length > 0) rows.push(seconds.reduce(foldFrames));
  }
  const next = frames.length === limit ? { next: frames.at(-1)!.at_ms } : {};
  return rows.length === 0 ? next : { frames: encode(rows), ...next };
}

/** Figures of the whole process are recorded once for all runs, under their own names. */
const OF_PROCESS: Partial<Record<FrameColumn, string>> = {
  gcPauseMs: 'main.gcPauseMaxMs',
  loopDelayP99Ms: 'main.loopDelayP99Ms',
  rssBytes: 'main.rssBytes',
};

function toRow(runId: string, atMs: number, figures: string): FrameRow | undefined {
  const prefix = `run.${runId}.`;
  // Most frames of a long history are of other runs: they need not be parsed.
  if (!figures.includes(prefix)) return undefined;
  const values = JSON.parse(figures) as Record<string, number | null>;
  const read = (column: FrameColumn): number =>
    values[`${prefix}${column}`] ?? values[OF_PROCESS[column] ?? ''] ?? Number.NaN;
  const columns = MEASURED_COLUMNS.map((column) => [column, read(column)] as const);
  return { ...(Object.fromEntries(columns) as FrameRow), atMs, seconds: values[`${prefix}seconds`] ?? 1 };
}

function encode(rows: readonly FrameRow[]): Uint8Array<ArrayBuffer> {
  const columns = Object.keys(runFrames.columns).map((column) => [
    column,
    rows.map((row) => row[column as FrameColumn]),
  ]);
  return encodeTable(runFrames, rows.length, Object.fromEntries(columns) as TableInput<typeof runFrames.columns>);
}
