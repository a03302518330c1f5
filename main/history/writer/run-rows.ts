import type { RunChanged, RunLaunched } from '../../../shared/events/runtime-event.ts';
import { noteRunState, type RunStretches } from '../../../shared/model/run-times.ts';
import { isFinalRunState, type RunState } from '../../../shared/model/states.ts';
import type { Connection } from '../store/database.ts';

/** Rows one run can have; the rest of the id is the run. */
const IDS_PER_RUN = 2 ** 31;

/** What a batch adds to the counters of a run. */
interface RunDelta {
  turns: number;
  retries: number;
  toolCalls: number;
  toolCallsFailed: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
  unpricedTurns: number;
}

/** A row whose call or turn has not ended. */
export interface OpenRow {
  readonly id: number;
  readonly isCall: boolean;
}

/** A run that is written to: its row, where its ids stand, and what the batch at hand adds. */
export interface OpenRun {
  readonly run: number;
  nextId: number;
  readonly delta: RunDelta;
  /** Rows whose call or turn has not ended, by the reference of their beginning. */
  readonly open: Map<number, OpenRow>;
  areAgentsChanged: boolean;
  end: RunState | undefined;
}

/** What is recorded of a run's stretches. */
export interface StretchRow {
  readonly worked_ms: number;
  readonly working_since_ms: number | null;
}

/** The stretches that a row tells. */
export function toStretches({ worked_ms, working_since_ms }: StretchRow): RunStretches {
  return { workedMs: worked_ms, ...(working_since_ms !== null && { workingSinceMs: working_since_ms }) };
}

const noDelta = (): RunDelta => ({
  turns: 0,
  retries: 0,
  toolCalls: 0,
  toolCallsFailed: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  unpricedTurns: 0,
});

/** The rows of runs. Everything here happens inside the transaction of a batch. */
export class RunRows {
  readonly #runs = new Map<string, OpenRun>();
  readonly #touched = new Set<OpenRun>();
  readonly #undo: (() => void)[] = [];
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = prepare(connection);
  }

  /** The run of an id; one that was never announced is written without its fleet rather than lost. */
  of(runId: string, atMs: number): OpenRun {
    let run = this.#runs.get(runId) ?? this.#find(runId);
    run ??= this.launch({
      type: 'run.launched',
      runId,
      atMs,
      fleet: '',
      fleetPath: '',
      fleetText: '',
      overrides: {},
      workspace: '',
      agents: 0,
      settingsVersion: 0,
    });
    this.#touched.add(run);
    return run;
  }

  launch(event: RunLaunched): OpenRun {
    const known = this.#runs.get(event.runId) ?? this.#find(event.runId);
    const row = this.#statements.launch.get({
      runId: event.runId,
      fleet: event.fleet,
      fleetPath: event.fleetPath,
      fleetText: event.fleetText,
      overrides: JSON.stringify(event.overrides),
      workspace: event.workspace,
      settingsVersion: event.settingsVersion,
      agents: event.agents,
      atMs: event.atMs,
      idsPerRun: IDS_PER_RUN,
    }) as { run: number };
    if (known) return known;
    this.#statements.startWords.run(row.run, row.run * IDS_PER_RUN);
    return this.#hold(event.runId, row.run, row.run * IDS_PER_RUN + 1);
  }

  change(event: RunChanged): OpenRun {
    const run = this.of(event.runId, event.atMs);
    const isFinal = isFinalRunState(event.state);
    if (event.state === 'running') this.#statements.beginAnew.run({ run: run.run, id: run.nextId });
    const row = this.#statements.stretches.get(run.run) as StretchRow;
    const stretches = noteRunState(toStretches(row), event.state, event.atMs);
    this.#statements.change.run({
      run: run.run,
      state: event.state,
      reason: event.reason ?? null,
      error: event.error ? JSON.stringify(event.error) : null,
      atMs: event.atMs,
      endedAtMs: isFinal ? event.atMs : null,
      workedMs: stretches.workedMs,
      workingSinceMs: stretches.workingSinceMs ?? null,
      budget: event.budget ? JSON.stringify(event.budget) : null,
    });
    run.end = isFinal ? event.state : undefined;
    return run;
  }

  /** Writes the counters of the runs the batch touched; runs that ended are let go. */
  finishBatch(onEnd: (run: OpenRun) => void): void {
    for (const run of this.#touched) {
      this.#statements.count.run({ run: run.run, nextId: run.nextId, ...run.delta });
      Object.assign(run.delta, noDelta());
      if (run.areAgentsChanged) this.#statements.countAgents.run({ run: run.run });
      run.areAgentsChanged = false;
      if (run.end !== undefined) onEnd(run);
    }
    this.#touched.clear();
  }

  /** Lets go of runs that have ended; called when the batch is committed. */
  commit(): void {
    this.#undo.length = 0;
    for (const [runId, run] of this.#runs) if (run.end !== undefined) this.#runs.delete(runId);
  }

  /** Puts back what the batch changed here; called when its transaction failed. Ids it gave out stay unused. */
  rollBack(): void {
    for (const undo of this.#undo.splice(0).toReversed()) undo();
    for (const run of this.#touched) {
      Object.assign(run.delta, noDelta());
      run.areAgentsChanged = false;
      run.end = undefined;
    }
    this.#touched.clear();
  }

  /** Notes the row that a later record of the same call or turn completes. */
  open(run: OpenRun, reference: number, row: OpenRow): void {
    run.open.set(reference, row);
    this.#undo.push(() => run.open.delete(reference));
  }

  /** The row a record completes. */
  take(run: OpenRun, reference: number): OpenRow | undefined {
    const row = run.open.get(reference);
    if (row === undefined) return undefined;
    run.open.delete(reference);
    this.#undo.push(() => run.open.set(reference, row));
    return row;
  }

  #find(runId: string): OpenRun | undefined {
    const row = this.#statements.find.get(runId) as { run: number; next_id: number } | undefined;
    return row && this.#hold(runId, row.run, row.next_id);
  }

  #hold(runId: string, run: number, nextId: number): OpenRun {
    const opened = { run, nextId, delta: noDelta(), open: new Map(), areAgentsChanged: false, end: undefined };
    this.#runs.set(runId, opened);
    this.#undo.push(() => this.#runs.delete(runId));
    this.#touched.add(opened);
    return opened;
  }
}

function prepare(connection: Connection) {
  return {
    find: connection.prepare('SELECT run, next_id FROM runs WHERE run_id = ?'),
    launch: connection.prepare(`
      INSERT INTO runs (run, run_id, fleet, fleet_path, fleet_text, overrides, workspace, settings_version, state,
        started_at_ms, changed_at_ms, next_id, agents)
      SELECT free, :runId, :fleet, :fleetPath, :fleetText, :overrides, :workspace, :settingsVersion, 'queued',
        :atMs, :atMs, free * :idsPerRun + 1, :agents
      FROM (SELECT coalesce(max(run), 0) + 1 AS free FROM runs) WHERE true
      ON CONFLICT (run_id) DO UPDATE SET fleet = excluded.fleet, fleet_path = excluded.fleet_path,
        fleet_text = excluded.fleet_text, overrides = excluded.overrides, workspace = excluded.workspace,
        settings_version = excluded.settings_version, agents = excluded.agents
      RETURNING run`),
    startWords: connection.prepare('INSERT OR IGNORE INTO word_cursors (run, indexed_id) VALUES (?, ?)'),
    stretches: connection.prepare('SELECT worked_ms, working_since_ms FROM runs WHERE run = ?'),
    change: connection.prepare(`
      UPDATE runs SET state = :state, reason = :reason, error = :error, changed_at_ms = :atMs, ended_at_ms = :endedAtMs,
        worked_ms = :workedMs, working_since_ms = :workingSinceMs, budget = coalesce(:budget, budget)
      WHERE run = :run`),
    // Agents that had ended for good begin anew when they are run again; what they said before is not their conversation.
    beginAnew: connection.prepare(`
      UPDATE sessions SET began_id = :id
      WHERE run = :run AND state IN ('done', 'failed', 'limit reached')
        AND (SELECT state FROM runs WHERE run = :run) IN ('done', 'failed', 'stopped', 'interrupted', 'paused')`),
    count: connection.prepare(`
      UPDATE runs SET next_id = :nextId, turns = turns + :turns, retries = retries + :retries,
        tool_calls = tool_calls + :toolCalls, tool_calls_failed = tool_calls_failed + :toolCallsFailed,
        input_tokens = input_tokens + :inputTokens, output_tokens = output_tokens + :outputTokens,
        cost_usd = cost_usd + :costUsd, unpriced_turns = unpriced_turns + :unpricedTurns
      WHERE run = :run`),
    countAgents: connection.prepare(`
      UPDATE runs SET
        agents_done = (SELECT count(*) FROM sessions WHERE sessions.run = :run
          AND state IN ('done', 'limit reached', 'failed', 'stopped', 'interrupted')),
        agents_failed = (SELECT count(*) FROM sessions WHERE sessions.run = :run AND state = 'failed'),
        agents_at_limit = (SELECT count(*) FROM sessions WHERE sessions.run = :run AND state = 'limit reached'),
        agents_cut_short = (SELECT count(*) FROM sessions WHERE sessions.run = :run AND state IN ('stopped', 'interrupted'))
      WHERE run = :run`),
  };
}
