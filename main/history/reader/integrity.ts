import { FINAL_RUN_STATES_SQL, UNFINISHED_AGENT_STATES_SQL } from './state-lists.ts';
import type { Connection } from '../store/database.ts';

/** Problems listed of each kind. */
const MAX_EACH = 20;

/** What must hold beyond what SQLite checks: a query of the exceptions, and the sentence for each. */
const INVARIANTS: readonly {
  readonly sql: string;
  readonly sentence: (row: Record<string, string | number>) => string;
}[] = [
  {
    sql: `SELECT run_id, agent, sessions.state AS state, runs.state AS run_state FROM sessions JOIN runs USING (run)
          WHERE runs.state IN (${FINAL_RUN_STATES_SQL}) AND sessions.state IN (${UNFINISHED_AGENT_STATES_SQL})`,
    sentence: (row) => `Run ${row['run_id']} is ${row['run_state']} but its agent ${row['agent']} is ${row['state']}.`,
  },
  {
    sql: `SELECT run_id, agent, call, count(*) AS times FROM tool_calls JOIN runs USING (run)
          GROUP BY tool_calls.run, agent, call HAVING count(*) > 1`,
    sentence: (row) => `Call ${row['agent']}-${row['call']} of run ${row['run_id']} is recorded ${row['times']} times.`,
  },
  {
    sql: `SELECT run_id, agent, call FROM tool_calls JOIN runs USING (run)
          WHERE tool_calls.state = 'running' AND runs.state IN (${FINAL_RUN_STATES_SQL})`,
    sentence: (row) =>
      `Call ${row['agent']}-${row['call']} of run ${row['run_id']} is running although the run has ended.`,
  },
  {
    sql: `SELECT run_id, agent, call FROM tool_calls JOIN runs USING (run)
          WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.run = tool_calls.run AND sessions.agent = tool_calls.agent)`,
    sentence: (row) => `Call ${row['agent']}-${row['call']} of run ${row['run_id']} belongs to no agent.`,
  },
  {
    sql: `SELECT run_id, tool_calls AS counted, (SELECT count(*) FROM tool_calls WHERE id > runs.run << 31 AND id < (runs.run + 1) << 31
            AND state NOT IN ('running', 'unknown')) AS found FROM runs WHERE counted <> found`,
    sentence: (row) => `Run ${row['run_id']} counts ${row['counted']} tool calls and holds ${row['found']}.`,
  },
];

/** What is wrong with the database, a sentence each; at most a few of a kind. */
export function verifyDatabase(connection: Connection | undefined): readonly string[] {
  if (!connection) return [];
  const integrity = connection.pragma(`integrity_check(${MAX_EACH})`) as { integrity_check: string }[];
  const damage = integrity.map(({ integrity_check: line }) => line).filter((line) => line !== 'ok');
  if (damage.length > 0) return damage.map((line) => `The database is damaged: ${line}.`);
  const keys = connection.pragma('foreign_key_check') as { table: string; rowid: number; parent: string }[];
  const orphans = keys
    .slice(0, MAX_EACH)
    .map(({ table, rowid, parent }) => `Row ${rowid} of ${table} names a row of ${parent} that does not exist.`);
  const broken = INVARIANTS.flatMap(({ sql, sentence }) =>
    (connection.prepare(`${sql} LIMIT ${MAX_EACH}`).all() as Record<string, string | number>[]).map(sentence),
  );
  return [...orphans, ...broken];
}
