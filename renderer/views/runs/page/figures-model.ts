import { runFrames } from '../../../../shared/table/run-frames.ts';
import { decodeTable } from '../../../../shared/table/decode-table.ts';
import type { FrameRow } from '../../../../shared/table/fold-frames.ts';
import { FrameTiers } from '../../../../shared/table/frame-tiers.ts';
import type { Series } from '../../../charts/sparkline.tsx';
import { toCourse } from './course-model.ts';

/** What a live run's figures show. */
const LIVE_SECONDS = 120;

/** The figures of a run, oldest first: the newest by second, older ones in longer steps, as the host keeps them. */
export class Frames {
  /** Raised by each table. */
  version = 0;
  readonly #tiers = new FrameTiers();

  get rows(): readonly FrameRow[] {
    return this.#tiers.rows();
  }

  /** @throws {AppError} INPUT_INVALID when it is no table `runFrames`. */
  take(message: Uint8Array): void {
    const { rows, columns } = decodeTable(runFrames, message);
    const named = Object.entries(columns);
    for (let row = 0; row < rows; row++)
      this.#tiers.add(Object.fromEntries(named.map(([name, column]) => [name, column[row]!])) as FrameRow);
    this.version++;
  }
}

/** One card of the row of figures. */
export interface Figure {
  readonly label: string;
  /** Says what the figure of a past run is: `avg`, `peak`, `longest`. */
  readonly of: string | undefined;
  /** NaN: nothing was measured. */
  readonly value: number;
  readonly unit: string;
  /** Counts agents in the queue: of a live run the table beside it counts them ten times a second. */
  readonly isQueue?: boolean;
  readonly values: readonly number[];
  readonly series: Series;
}

/** The six figures: of a live run as they are, of a past one over all of it. */
export function toFigures(frames: readonly FrameRow[], isLive: boolean, p99Ms: number | undefined): readonly Figure[] {
  const rows = isLive ? takeNewest(frames, LIVE_SECONDS) : frames;
  const rate = (count: (frame: FrameRow) => number, series: Series, label: string): Figure => {
    const perSec = (frame: FrameRow): number => count(frame) / Math.max(1, frame.seconds);
    const values = toCourse(rows, perSec, 'mean');
    const seconds = rows.reduce((sum, frame) => sum + frame.seconds, 0);
    const average = seconds === 0 ? NaN : rows.reduce((sum, frame) => sum + count(frame), 0) / seconds;
    return isLive
      ? { label, of: undefined, unit: '', value: lastOf(rows.map(perSec)), values, series }
      : { label, of: 'avg', unit: '', value: average, values, series };
  };
  const level = (read: (frame: FrameRow) => number, series: Series, label: string, unit = ''): Figure => {
    const values = toCourse(rows, read, 'largest');
    return isLive
      ? { label, of: undefined, unit, value: lastOf(rows.map(read)), values, series }
      : { label, of: unit === 'ms' ? 'longest' : 'peak', unit, value: maxOf(values), values, series };
  };
  const latency = level(({ callP99Ms }) => callP99Ms, 5, 'p99 latency', 'ms');
  return [
    rate(({ toolCalls }) => toolCalls, 1, 'Tool calls / s'),
    isLive || p99Ms === undefined ? latency : { ...latency, of: 'of all', value: p99Ms },
    level(({ agents }) => agents, 2, 'Agents at work'),
    { ...level(({ waiting }) => waiting, 4, 'Agents waiting'), isQueue: true },
    rate(({ outputTokens }) => outputTokens, 3, 'Output tokens / s'),
    level(({ gcPauseMs }) => gcPauseMs, 5, 'GC pause', 'ms'),
  ];
}

/** Rows of the last seconds, as many as fit. */
function takeNewest(rows: readonly FrameRow[], seconds: number): readonly FrameRow[] {
  let sum = 0;
  const before = rows.findLastIndex((row) => (sum += Math.max(1, row.seconds)) > seconds);
  return rows.slice(before + 1);
}

function lastOf(values: readonly number[]): number {
  return values.findLast((value) => !Number.isNaN(value)) ?? NaN;
}

function maxOf(values: readonly number[]): number {
  const max = values.reduce((most, value) => (value > most ? value : most), -Infinity);
  return max === -Infinity ? NaN : max;
}
