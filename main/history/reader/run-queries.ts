import { AppError, type ErrorData } from '../../../shared/errors/app-error.ts';
import type { FleetBudget } from '../../../shared/fleet/fleet-schema.ts';
import type { RunState } from '../../../shared/model/states.ts';
import type { RunFilter, RunPage, RunRecord, RunSource } from '../history-records.ts';
import type { Connection } from '../store/database.ts';

/** Rows of a page when nothing else is asked. */
const PAGE_ROWS = 100;

/** The most rows a page may be asked for. */
const MAX_PAGE_ROWS = 1_000;

/** A row of `runs` without the texts it was launched from. */
export interface RunRow {
  readonly run_id: string;
  readonly fleet: string;
  readonly fleet_path: string;
  readonly workspace: string;
  readonly state: RunState;
  readonly reason: string | null;
  readonly error: string | null;
  readonly started_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly settings_version: number;
  readonly agents: number;
  readonly agents_done: number;
  readonly agents_failed: number;
  readonly agents_at_limit: number;
  readonly agents_cut_short: number;
  readonly turns: number;
  readonly retries: number;
  readonly tool_calls: number;
  readonly tool_calls_failed: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  readonly unpriced_turns: number;
  readonly worked_ms: number;
  readonly working_since_ms: number | null;
  readonly budget: string | null;
}

/** What `listRuns` may be asked. */
export interface ListRunsOptions {
  readonly limit?: number;
  readonly after?: string;
  readonly filter?: RunFilter;
}

/** Runs, newest first: a run's id sorts by the time of its launch, so that the page begins where the index stands. */
export function listRuns(connection: Connection | undefined, options: ListRunsOptions = {}): RunPage {
  if (!connection) return { runs: [] };
  const limit = toLimit(options.limit);
  const { states, fleet, startedFromMs, startedToMs } = options.filter ?? {};
  const where = ['run_id < :after'];
  if (states) where.push('state IN (SELECT value FROM json_each(:states))');
  if (fleet !== undefined) where.push('fleet = :fleet');
  if (startedFromMs !== undefined) where.push('started_at_ms >= :startedFromMs');
  if (startedToMs !== undefined) where.push('started_at_ms <= :startedToMs');
  const rows = connection
    .prepare(`SELECT * FROM runs WHERE ${where.join(' AND ')} ORDER BY run_id DESC LIMIT :limit`)
    .all({
      after: options.after ?? '~',
      limit: limit + 1,
      ...(states && { states: JSON.stringify(states) }),
      ...(fleet !== undefined && { fleet }),
      ...(startedFromMs !== undefined && { startedFromMs }),
      ...(startedToMs !== undefined && { startedToMs }),
    }) as RunRow[];
  const runs = rows.slice(0, limit).map(toRunRecord);
  return rows.length > limit ? { runs, next: runs.at(-1)!.runId } : { runs };
}

/** The run whose id is `run` or begins with it and is the only one; letters of either case. */
export function findRun(connection: Connection | undefined, run: string): RunRecord | undefined {
  const start = run.toUpperCase();
  if (!connection || start === '') return undefined;
  const exact = connection.prepare('SELECT * FROM runs WHERE run_id IN (?, ?)').get(run, start) as RunRow | undefined;
  if (exact) return toRunRecord(exact);
  const rows = connection
    .prepare('SELECT * FROM runs WHERE run_id >= ? AND run_id < ? LIMIT 2')
    .all(start, `${start}~`) as RunRow[];
  return rows.length === 1 ? toRunRecord(rows[0]!) : undefined;
}

/** @throws {AppError} RUN_NOT_FOUND */
export function getRun(connection: Connection | undefined, run: string): RunRecord {
  const found = findRun(connection, run);
  if (found) return found;
  const shown = run.length > 60 ? `${run.slice(0, 60)}…` : run;
  throw new AppError(
    'RUN_NOT_FOUND',
    `No run, or more than one, has an id that begins with "${shown}"; "flotilla history list" shows them.`,
  );
}

/** @throws {AppError} RUN_NOT_FOUND */
export function runSource(connection: Connection | undefined, runId: string): RunSource {
  getRun(connection, runId);
  const row = connection!
    .prepare('SELECT fleet_path, fleet_text, overrides, workspace FROM runs WHERE run_id = ?')
    .get(runId) as { fleet_path: string; fleet_text: string; overrides: string; workspace: string };
  return {
    fleetPath: row.fleet_path,
    fleetText: row.fleet_text,
    overrides: JSON.parse(row.overrides) as Record<string, unknown>,
    workspace: row.workspace,
  };
}

/** The number of a run's row; `undefined` for an unknown run. */
export function findRunRow(connection: Connection, runId: string): number | undefined {
  const row = connection.prepare('SELECT run FROM runs WHERE run_id = ?').get(runId) as { run: number } | undefined;
  return row?.run;
}

/** What is absent in a row is absent in the record. */
export function present<Value, Key extends string>(key: Key, value: Value | null): { [Name in Key]?: Value } {
  return value === null ? {} : ({ [key]: value } as { [Name in Key]?: Value });
}

/** A page's size, within its bounds. @throws {AppError} INPUT_INVALID */
export function toLimit(limit = PAGE_ROWS): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE_ROWS) return limit;
  throw new AppError('INPUT_INVALID', `A page has 1 to ${MAX_PAGE_ROWS} entries, not ${limit}.`);
}

/** The row as history shows it. */
export function toRunRecord(row: RunRow): RunRecord {
  return {
    runId: row.run_id,
    fleet: row.fleet,
    fleetPath: row.fleet_path,
    workspace: row.workspace,
    state: row.state,
    ...present('reason', row.reason),
    ...present('error', row.error === null ? null : (JSON.parse(row.error) as ErrorData)),
    startedAtMs: row.started_at_ms,
    ...present('endedAtMs', row.ended_at_ms),
    workedMs: row.worked_ms,
    ...present('workingSinceMs', row.working_since_ms),
    settingsVersion: row.settings_version,
    agents: row.agents,
    agentsDone: row.agents_done,
    failed: row.agents_failed,
    atLimit: row.agents_at_limit,
    cutShort: row.agents_cut_short,
    turns: row.turns,
    retries: row.retries,
    toolCalls: row.tool_calls,
    toolCallsFailed: row.tool_calls_failed,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    costUsd: row.cost_usd,
    unpricedTurns: row.unpriced_turns,
    ...present('budget', row.budget === null ? null : (JSON.parse(row.budget) as FleetBudget)),
  };
}
