import type { RunRecord } from '../history-records.ts';
import type { Connection } from '../store/database.ts';
import { toRunRecord, type RunRow } from './run-queries.ts';

/** Fleet files answered at most; those whose last run is older are left out. */
const MAX_FLEETS = 500;

/** Without the fleet's text, which may be megabytes. */
const COLUMNS = `run_id, fleet, fleet_path, workspace, state, reason, error, started_at_ms, ended_at_ms, settings_version,
  agents, agents_done, agents_failed, agents_at_limit, agents_cut_short, turns, retries, tool_calls, tool_calls_failed, input_tokens,
  output_tokens, cost_usd, unpriced_turns, worked_ms, working_since_ms, budget`;

/** The newest run of each fleet file, the newest first: a run's id sorts by the time of its launch. At most 500. */
export function fleetRuns(connection: Connection | undefined): RunRecord[] {
  if (!connection) return [];
  const newest = 'SELECT max(run_id) FROM runs GROUP BY fleet_path';
  const rows = connection
    .prepare(`SELECT ${COLUMNS} FROM runs WHERE run_id IN (${newest}) ORDER BY run_id DESC LIMIT ${MAX_FLEETS}`)
    .all() as RunRow[];
  return rows.map(toRunRecord);
}
