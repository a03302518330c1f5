import { AppError } from '../../shared/errors/app-error.ts';
import type { FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { Slices } from '../time/slices.ts';
import { chooseAgents } from './chosen-agents.ts';
import type { FleetsPorts, LaunchOptions } from './launch-options.ts';
import { SupervisedRun } from './live/supervised-run.ts';
import { ALL_RUNS_LANE } from './live-run.ts';
import { bindProviders } from './provider-binding.ts';
import { openResultsFile } from './results-file.ts';

/** What a launch works with. */
interface Launching {
  readonly ports: FleetsPorts & { readonly slices: Slices };
  readonly runId: RunId;
  readonly isClosed: () => boolean;
}

/** What a launch is refused with when the program closes. */
export function createClosedError(): AppError {
  return new AppError('TASK_CANCELLED', 'The program is closing and launches nothing more; start it again.');
}

/**
 * Opens everything a run needs and the run itself, which has not begun yet; a failure half-way closes what was opened.
 *
 * @throws {AppError} MEMORY_SHORT when launches are refused while memory is short, and whatever its parts throw.
 */
export async function launchRun(launching: Launching, plan: FleetPlan, options: LaunchOptions): Promise<SupervisedRun> {
  const { ports, runId, isClosed } = launching;
  const { gate, clock, slices, sink, askSettings, runAgent, metrics } = ports;
  gate.checkStart(ALL_RUNS_LANE);
  const priceOf = ports.priceOf(plan);
  const { agents, recorded } = await chooseAgents(plan, options);
  await using opening = new AsyncDisposableStack();
  opening.use(gate.weigh(runId, plan.limits.weight));
  const tools = opening.use(await ports.openTools({ runId, plan }));
  const { providers } = opening.use(await bindProviders(plan, runId, { source: ports.providers, gate, clock }));
  const isResumed = options.resume !== undefined;
  const results = opening.use(await openResults(launching, plan.resultsPath, isResumed));
  if (isClosed()) throw createClosedError();
  const { limits } = plan;
  const context = { clock, slices, gate, sink, priceOf, askSettings, tools, limits, providers, plan };
  const run = new SupervisedRun({
    runId,
    plan,
    earlier: options.resume?.earlier,
    agents,
    recorded,
    context,
    runAgent,
    metrics,
  });
  if (results) run.watch({ agentFinished: (agent) => results.add(agent) });
  if (!isResumed) announceRun(ports, plan, run);
  run.ownUntilEnd(opening.move());
  return run;
}

/** The results file, when the fleet wants one; that of a run that is resumed keeps what it has. */
async function openResults({ ports, runId }: Launching, path: string | undefined, keep: boolean) {
  if (path === undefined) return undefined;
  const onTrouble = ({ message }: Error): void => {
    const text = `The results file cannot be written: ${message}`;
    ports.sink.emit({ type: 'notice', runId, atMs: ports.clock.nowMs(), level: 'error', text });
  };
  return await openResultsFile(path, { keep, onTrouble });
}

function announceRun({ sink, settingsVersion }: FleetsPorts, plan: FleetPlan, run: SupervisedRun): void {
  sink.emit({
    type: 'run.launched',
    runId: run.runId,
    atMs: run.beganAtMs,
    fleet: plan.name,
    fleetPath: plan.path,
    fleetText: plan.text,
    overrides: plan.overrides,
    workspace: plan.workspace,
    agents: plan.agents.length,
    settingsVersion: settingsVersion(),
  });
}
