import type { RunView } from '../../shared/contract/run-schemas.ts';
import type { FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import type { RunId } from '../../shared/model/ids.ts';
import { isFinalRunState } from '../../shared/model/states.ts';
import type { JournaledRun } from '../rpc/run-journal.ts';
import { toProgress } from './recorded-progress.ts';
import type { RecordedReports } from './recorded-reports.ts';
import type { RunRooms } from './run-rooms.ts';

/** Models and programs that are named. */
const MAX_USES = 8;

/**
 * A run as its page shows it: from the journal while that knows it, else from history.
 *
 * @throws {AppError} RUN_NOT_FOUND, HISTORY_LOCKED, HISTORY_DAMAGED
 */
export async function readRunView(rooms: RunRooms, reports: RecordedReports, runId: RunId): Promise<RunView> {
  const journaled = rooms.journal.find(runId);
  return journaled ? await viewJournaled(rooms, journaled) : await viewRecorded(rooms, reports, runId);
}

async function viewJournaled({ history: { reader } }: RunRooms, { run, report }: JournaledRun): Promise<RunView> {
  const { plan, runId } = run;
  const [record, notices] = await Promise.all([reader.findRun(runId), reader.notices(runId)]);
  const progress = run.progress();
  const isOver = isFinalRunState(progress.state);
  // An end that could not be recorded has no report; the page shows the run without it.
  const ended = isOver ? await report?.catch(() => undefined) : undefined;
  return {
    run: progress,
    isLive: !isOver,
    fleetPath: plan.path,
    workspace: plan.workspace,
    settingsVersion: record?.settingsVersion ?? 0,
    uses: usesOf(plan),
    budget: run.budget,
    turnsPerAgent: plan.limits.turns,
    resultsPath: plan.resultsPath,
    report: ended,
    notices: [...notices],
  };
}

async function viewRecorded(
  { history: { reader } }: RunRooms,
  reports: RecordedReports,
  runId: RunId,
): Promise<RunView> {
  const record = await reader.getRun(runId);
  const [{ uses, budget, turnsPerAgent, resultsPath }, notices, report] = await Promise.all([
    reader.outline(runId),
    reader.notices(runId),
    isFinalRunState(record.state) ? reports.find(record) : undefined,
  ]);
  return {
    run: toProgress(record),
    isLive: false,
    fleetPath: record.fleetPath,
    workspace: record.workspace,
    settingsVersion: record.settingsVersion,
    uses: [...uses],
    budget: record.budget ?? budget,
    turnsPerAgent,
    resultsPath,
    report,
    notices: [...notices],
  };
}

const usesOfPlan = new WeakMap<FleetPlan, string[]>();

/** What the agents of a plan use; put together once for a plan, which may have 100,000 of them. */
function usesOf(plan: FleetPlan): string[] {
  const known = usesOfPlan.get(plan);
  if (known) return known;
  const uses = new Set<string>();
  for (const agent of plan.agents) {
    uses.add(agent.kind === 'model' ? `${agent.model} (${agent.provider})` : (agent.command[0] ?? ''));
    if (uses.size === MAX_USES) break;
  }
  usesOfPlan.set(plan, [...uses]);
  return [...uses];
}
