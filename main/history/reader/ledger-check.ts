import { closeSync, openSync, readSync } from 'node:fs';
import { parseCallId } from '../../../shared/model/ids.ts';
import type { LedgerCheck, UnrecordedCall } from '../history-records.ts';
import { toHistoryFailure } from '../store/history-failure.ts';
import type { Connection } from '../store/database.ts';
import { findRunRow, getRun } from './run-queries.ts';

const CHUNK_BYTES = 64 * 2 ** 10;

/** A longer line is no call id; its rest is skipped. */
const MAX_LINE_BYTES = 64;

/** Failures that may come before the tool was started: whether the ledger has such a call says nothing. */
const MAYBE_NOT_STARTED = [
  'TOOL_UNKNOWN',
  'TOOL_DENIED',
  'TOOL_ARGUMENTS_INVALID',
  'LANE_SATURATED',
  'LANE_CLOSED',
  'CIRCUIT_OPEN',
  'TASK_CANCELLED',
  'TASK_TIMED_OUT',
  'WORKER_LOST',
  'LAUNCHER_LOST',
  'INTERNAL',
];

/**
 * Compares a run's calls with the ids its tools wrote, through a temporary table that SQLite keeps in a file.
 *
 * Lost are calls that history has as executed and the ledger has not, ids in the ledger that history has not, and calls that
 * a completed turn asked for and that stand nowhere although the agent went on to its end. Duplicated are ids that the
 * ledger, or history, has more than once. A missing ledger is an empty one; a torn last line is not counted.
 *
 * @throws {AppError} RUN_NOT_FOUND
 */
export function checkLedger(connection: Connection | undefined, runId: string, ledgerPath: string): LedgerCheck {
  return withLedger(connection, { runId, ledgerPath }, (open, run) => {
    const count = (sql: string): number => open.prepare(sql).pluck().get({ run }) as number;
    return {
      lost:
        count(EXECUTED_NOT_WRITTEN) + count(`SELECT count(*) FROM (${WRITTEN_NOT_RECORDED})`) + count(ASKED_NOT_CALLED),
      duplicated: count(DUPLICATED),
    };
  });
}

/**
 * Calls that the ledger has and history has not, by agent and number: what ran in the last moments before a program died.
 *
 * @throws {AppError} RUN_NOT_FOUND
 */
export function unrecordedCalls(
  connection: Connection | undefined,
  runId: string,
  ledgerPath: string,
): readonly UnrecordedCall[] {
  return withLedger(
    connection,
    { runId, ledgerPath },
    (open, run) =>
      open.prepare(`${WRITTEN_NOT_RECORDED} ORDER BY ledger.agent, ledger.call`).all({ run }) as UnrecordedCall[],
  );
}

function withLedger<Answer>(
  connection: Connection | undefined,
  { runId, ledgerPath }: { readonly runId: string; readonly ledgerPath: string },
  question: (connection: Connection, run: number) => Answer,
): Answer {
  getRun(connection, runId);
  const run = findRunRow(connection!, runId)!;
  connection!.exec(`
    DROP TABLE IF EXISTS temp.ledger;
    CREATE TEMP TABLE ledger (agent INTEGER, call INTEGER, times INTEGER, PRIMARY KEY (agent, call)) WITHOUT ROWID`);
  try {
    fillLedger(connection!, ledgerPath);
    return question(connection!, run);
  } finally {
    connection!.exec('DROP TABLE temp.ledger');
  }
}

/** A run's rows lie together: reading them in order once is cheaper than visiting them by an index in another order. */
const CALLS_OF_RUN = 'tool_calls NOT INDEXED WHERE id > :run << 31 AND id < (:run + 1) << 31';

const EXECUTED_NOT_WRITTEN = `
  SELECT count(*) FROM (
    SELECT DISTINCT agent, call FROM ${CALLS_OF_RUN} AND (state = 'done' OR (state = 'failed'
      AND coalesce(error ->> 'code', '') NOT IN (${MAYBE_NOT_STARTED.map((code) => `'${code}'`).join(', ')})))
    AND NOT EXISTS (
      SELECT 1 FROM temp.ledger WHERE ledger.agent = tool_calls.agent AND ledger.call = tool_calls.call))`;

const WRITTEN_NOT_RECORDED = `
  SELECT ledger.agent, ledger.call FROM temp.ledger WHERE NOT EXISTS (
    SELECT 1 FROM tool_calls WHERE run = :run AND tool_calls.agent = ledger.agent AND tool_calls.call = ledger.call)`;

/** An agent at its limit does not make all calls of its last turn; a stopped or failed one need not either. */
const ASKED_NOT_CALLED = `
  WITH asked AS (
    SELECT turns.agent, turns.turn, sum(json_array_length(turns.tool_calls)) AS calls
    FROM turns JOIN sessions USING (run, agent)
    WHERE turns.run = :run AND turns.state = 'done' AND turns.tool_calls IS NOT NULL
      AND (sessions.state = 'done' OR (sessions.state = 'limit reached'
        AND turn < (SELECT max(turn) FROM turns AS last WHERE last.run = :run AND last.agent = turns.agent)))
    GROUP BY turns.agent, turns.turn),
  called AS (
    SELECT agent, turn, count(DISTINCT call) AS calls FROM ${CALLS_OF_RUN} GROUP BY agent, turn)
  SELECT coalesce(sum(max(0, asked.calls - coalesce(called.calls, 0))), 0)
  FROM asked LEFT JOIN called USING (agent, turn)`;

const DUPLICATED = `
  SELECT count(*) FROM (
    SELECT agent, call FROM temp.ledger WHERE times > 1
    UNION
    SELECT agent, call FROM tool_calls WHERE run = :run GROUP BY agent, call HAVING count(*) > 1)`;

function fillLedger(connection: Connection, ledgerPath: string): void {
  const add = connection.prepare(`
    INSERT INTO temp.ledger (agent, call, times) VALUES (?, ?, 1)
    ON CONFLICT (agent, call) DO UPDATE SET times = times + 1`);
  const fill = connection.transaction(() => {
    for (const line of readLines(ledgerPath)) {
      const id = parseCallId(line);
      if (id) add.run(id.agent, id.n);
    }
  });
  fill();
}

/** Complete lines of a file, whatever its size; what follows the last line feed is left out. */
function* readLines(path: string): Generator<string> {
  const file = openIfThere(path);
  if (file === undefined) return;
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest = '';
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      const lines = (rest + chunk.toString('latin1', 0, length)).split('\n');
      rest = lines.pop()!.slice(0, MAX_LINE_BYTES);
      yield* lines;
    }
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw toHistoryFailure(error, path);
  }
}
