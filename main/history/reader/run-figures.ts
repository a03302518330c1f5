import { tookMs } from '../../../shared/model/run-times.ts';
import type { RunFigures } from '../history-records.ts';
import type { Connection } from '../store/database.ts';
import { findRunRow, getRun } from './run-queries.ts';

/** Times held in memory for exact percentiles; of more calls every second, third … is taken. */
const MAX_TIMES = 2_000_000;

/** @throws {AppError} RUN_NOT_FOUND */
export function runFigures(connection: Connection | undefined, runId: string, nowMs: number): RunFigures {
  const record = getRun(connection, runId);
  const run = findRunRow(connection!, record.runId)!;
  const times = readTimes(connection!, run, record.toolCalls);
  const at = (ratio: number): number | undefined =>
    times.length === 0 ? undefined : times[Math.min(times.length - 1, Math.ceil(times.length * ratio) - 1)];
  return {
    ...record,
    ms: tookMs(record, nowMs),
    latencyMs: { p50: at(0.5), p99: at(0.99) },
    cached: countCached(connection!, run),
  };
}

function countCached(connection: Connection, run: number): RunFigures['cached'] {
  const count = (table: 'turns' | 'tool_calls'): number =>
    connection
      .prepare(`SELECT count(*) FROM cached_answers JOIN ${table} USING (id) WHERE id > ? AND id < ?`)
      .pluck()
      .get(run * 2 ** 31, (run + 1) * 2 ** 31) as number;
  return { turns: count('turns'), toolCalls: count('tool_calls') };
}

function readTimes(connection: Connection, run: number, count: number): Float64Array {
  const every = Math.max(1, Math.ceil(count / MAX_TIMES));
  const times = new Float64Array(Math.ceil(count / every) + 1);
  const rows = connection
    .prepare(
      `SELECT ms FROM tool_calls WHERE id > ? AND id < ? AND ms IS NOT NULL AND state IN ('done', 'failed') AND call % ? = 0`,
    )
    .pluck()
    .iterate(run * 2 ** 31, (run + 1) * 2 ** 31, every) as IterableIterator<number>;
  let length = 0;
  for (const ms of rows) if (length < times.length) times[length++] = ms;
  return times.slice(0, length).toSorted();
}
