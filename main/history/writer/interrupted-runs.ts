import { isFinalRunState } from '../../../shared/model/states.ts';
import { noteRunState } from '../../../shared/model/run-times.ts';
import type { Connection } from '../store/database.ts';
import { toStretches, type StretchRow } from './run-rows.ts';

/**
 * Marks what a program that died left behind: runs that were under way are `interrupted`, and so are their agents; calls
 * that were running are `unknown`, turns that were asked are `cancelled`.
 *
 * A run that is `paused` stays so: nothing of it is lost, and it is resumed by the same command.
 * To be called by the owner of the data directory before it writes; answers how many runs were interrupted.
 */
export function markInterruptedRuns(connection: Connection, nowMs: number): number {
  const left = connection
    .prepare(`SELECT run, state FROM runs WHERE state IN ('queued', 'running', 'paused', 'stopping')`)
    .all() as { run: number; state: 'running' | 'paused' }[];
  const mark = connection.transaction(() => {
    for (const { run, state } of left) markRun(connection, run, { isPaused: state === 'paused', nowMs });
  });
  mark.immediate();
  return left.filter(({ state }) => !isFinalRunState(state) && state !== 'paused').length;
}

function markRun(connection: Connection, run: number, { isPaused, nowMs }: { isPaused: boolean; nowMs: number }): void {
  connection.prepare(`UPDATE tool_calls SET state = 'unknown' WHERE run = ? AND state = 'running'`).run(run);
  connection.prepare(`UPDATE turns SET state = 'cancelled' WHERE run = ? AND state = 'asking'`).run(run);
  if (isPaused) return;
  connection
    .prepare(
      `UPDATE sessions SET state = 'interrupted', reason = 'The program ended while the agent was at work.'
       WHERE run = ? AND state NOT IN ('done', 'limit reached', 'failed', 'stopped', 'interrupted')`,
    )
    .run(run);
  const endedAtMs = findLastSign(connection, run);
  const row = connection.prepare('SELECT worked_ms, working_since_ms FROM runs WHERE run = ?').get(run) as StretchRow;
  const { workedMs } = noteRunState(toStretches(row), 'interrupted', endedAtMs);
  connection
    .prepare(
      `UPDATE runs SET state = 'interrupted', reason = 'The program ended before the run did.', changed_at_ms = :nowMs,
         ended_at_ms = :endedAtMs, worked_ms = :workedMs, working_since_ms = NULL,
         agents_done = (SELECT count(*) FROM sessions WHERE sessions.run = :run),
         agents_cut_short = (SELECT count(*) FROM sessions WHERE sessions.run = :run
           AND state IN ('stopped', 'interrupted'))
       WHERE run = :run`,
    )
    .run({ run, nowMs, endedAtMs, workedMs });
}

/** When the run was last heard of: the newest change of one of its agents, or of itself when none came after it. */
function findLastSign(connection: Connection, run: number): number {
  return connection
    .prepare(
      `SELECT max(changed_at_ms, coalesce((SELECT max(changed_at_ms) FROM sessions WHERE sessions.run = runs.run), 0))
       FROM runs WHERE run = ?`,
    )
    .pluck()
    .get(run) as number;
}
