import { runFrames } from '../../../../shared/table/run-frames.ts';
import { decodeTable } from '../../../../shared/table/decode-table.ts';
import type { Series } from '../../../charts/sparkline.tsx';

/** Seconds that a live run's figures show. */
const LIVE_ROWS = 120;
/** A recorded run comes in about 600 rows; none of more than this many is kept. */
const MAX_ROWS = 2_000;

/** One second of a run, or the seconds of a past one that are one row. */
export interface Frame {
  readonly seconds: number;
  readonly toolCalls: number;
  readonly outputTokens: number;
  readonly callP99Ms: number;
  /** Agents at work. */
  readonly agents: number;
  readonly waiting: number;
  readonly gcPauseMs: number;
}

/** The figures of a run by second, oldest first. */
export class Frames {
  /** Raised by each table. */
  version = 0;
  readonly rows: Frame[] = [];

  /** @throws {AppError} INPUT_INVALID when it is no table `runFrames`. */
  take(message: Uint8Array): void {
    const { rows, columns } = decodeTable(runFrames, message);
    for (let row = 0; row < rows; row++) {
      this.rows.push({
        seconds: columns.seconds[row]!,
        toolCalls: columns.toolCalls[row]!,
        outputTokens: columns.outputTokens[row]!,
        callP99Ms: columns.callP99Ms[row]!,
        agents: columns.agents[row]!,
        waiting: columns.waiting[row]!,
        gcPauseMs: columns.gcPauseMs[row]!,
      });
    }
    this.rows.splice(0, this.rows.length - MAX_ROWS);
    this.version++;
  }
}

/** One card of the row of figures. */
export interface Figure {
  readonly label: string;
  /** Says what the figure of a past run is: `average`, `peak`, `longest`. */
  readonly of: string | undefined;
  /** NaN: nothing was measured. */
  readonly value: number;
  readonly unit: string;
  readonly values: readonly number[];
  readonly series: Series;
}

/** The six figures: of a live run as they are, of a past one over all of it. */
export function toFigures(frames: readonly Frame[], isLive: boolean, p99Ms: number | undefined): readonly Figure[] {
  const rows = isLive ? frames.slice(-LIVE_ROWS) : frames;
  const rate = (count: (frame: Frame) => number, series: Series, label: string): Figure => {
    const values = rows.map((frame) => count(frame) / Math.max(1, frame.seconds));
    const seconds = rows.reduce((sum, frame) => sum + frame.seconds, 0);
    const average = seconds === 0 ? NaN : rows.reduce((sum, frame) => sum + count(frame), 0) / seconds;
    return isLive
      ? { label, of: undefined, unit: '', value: lastOf(values), values, series }
      : { label, of: 'average', unit: '', value: average, values, series };
  };
  const level = (read: (frame: Frame) => number, series: Series, label: string, unit = ''): Figure => {
    const values = rows.map(read);
    return isLive
      ? { label, of: undefined, unit, value: lastOf(values), values, series }
      : { label, of: unit === 'ms' ? 'longest' : 'peak', unit, value: maxOf(values), values, series };
  };
  const latency = level(({ callP99Ms }) => callP99Ms, 5, 'p99 latency', 'ms');
  return [
    rate(({ toolCalls }) => toolCalls, 1, 'Tool calls / s'),
    isLive || p99Ms === undefined ? latency : { ...latency, of: 'of all', value: p99Ms },
    level(({ agents }) => agents, 2, 'Agents at work'),
    level(({ waiting }) => waiting, 4, 'Agents waiting'),
    rate(({ outputTokens }) => outputTokens, 3, 'Output tokens / s'),
    level(({ gcPauseMs }) => gcPauseMs, 5, 'GC pause', 'ms'),
  ];
}

function lastOf(values: readonly number[]): number {
  return values.findLast((value) => !Number.isNaN(value)) ?? NaN;
}

function maxOf(values: readonly number[]): number {
  const max = values.reduce((most, value) => (value > most ? value : most), -Infinity);
  return max === -Infinity ? NaN : max;
}
