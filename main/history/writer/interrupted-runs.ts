import { isFinalRunState } from '../../../shared/model/states.ts';
import type { Connection } from '../store/database.ts';

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
  connection
    .prepare(
      `UPDATE runs SET state = 'interrupted', reason = 'The program ended before the run did.', changed_at_ms = :nowMs,
         ended_at_ms = (SELECT max(changed_at_ms) FROM sessions WHERE sessions.run = :run),
         agents_done = (SELECT count(*) FROM sessions WHERE sessions.run = :run)
       WHERE run = :run`,
    )
    .run({ run, nowMs });
}
