import { readFleet, type KnownNames } from '../../runtime/fleet/read-fleet.ts';
import type { LaunchOptions } from '../../runtime/fleet/fleets.ts';
import type { LaunchRequest } from '../../shared/contract/fleets.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { FleetBudget, FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import type { RuntimeEvent } from '../../shared/events/runtime-event.ts';
import type { HistoryReader } from '../history/history.ts';
import { ledgerPathOf } from './run-report.ts';
import { completeSessions } from './unrecorded-calls.ts';

/** A launch, read: what to launch and how. */
export interface ReadLaunch {
  readonly plan: FleetPlan;
  readonly options: LaunchOptions;
  /** To be recorded as soon as the run is launched: calls that ran before a crash and that history has not. */
  readonly events: readonly RuntimeEvent[];
}

/** Where a recorded run is found. */
export interface RecordedRuns {
  readonly history: HistoryReader;
  readonly dataDir: string;
  readonly nowMs: number;
}

/**
 * Reads what a launch request names: a file, a text, or a recorded run, whose file is taken as it was when it began.
 *
 * @throws {AppError} INPUT_INVALID, FLEET_NOT_FOUND, FLEET_INVALID, RUN_NOT_FOUND, RUN_NOT_RESUMABLE
 */
export async function readLaunch(
  request: LaunchRequest,
  { history, dataDir, nowMs }: RecordedRuns,
  known: KnownNames,
): Promise<ReadLaunch> {
  const { path, text, overrides, resume } = request;
  if (resume === undefined) {
    if (path === undefined) throw new AppError('INPUT_INVALID', 'A launch needs a fleet file or a run to resume.');
    if (request.only)
      throw new AppError('INPUT_INVALID', 'Only a recorded run has agents that failed; name it with --resume.');
    return { plan: await readFleet({ path, text, overrides, known }), options: {}, events: [] };
  }
  const { runId, startedAtMs: launchedAtMs, workedMs, budget } = await history.getRun(resume);
  const source = await history.runSource(runId);
  // Another file or text has a budget of its own; the recorded one goes on with what it was raised to.
  const isAsRecorded = path === undefined && text === undefined;
  const plan = await readFleet({
    path: path ?? source.fleetPath,
    text: text ?? (path === undefined ? source.fleetText : undefined),
    overrides: { ...source.overrides, ...(isAsRecorded ? toOverrides(budget) : {}), ...overrides },
    known,
  });
  const only = request.only === 'failed' ? await findFailed(history, runId) : undefined;
  const unrecorded = await history.unrecordedCalls(runId, ledgerPathOf(dataDir, runId));
  const { sessions, events } = completeSessions(history.recordedSessions(runId), unrecorded, { runId, atMs: nowMs });
  return { plan, options: { only, resume: { runId, sessions, earlier: { launchedAtMs, workedMs } } }, events };
}

function toOverrides(budget: FleetBudget = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(budget).map(([part, value]) => [`budget.${part}`, value]));
}

async function findFailed(history: HistoryReader, runId: string): Promise<ReadonlySet<number>> {
  const failed = new Set<number>();
  for await (const { agent, state } of history.recordedSessions(runId)) if (state === 'failed') failed.add(agent);
  if (failed.size === 0) throw new AppError('RUN_NOT_RESUMABLE', `No agent of run ${runId} has failed.`);
  return failed;
}
