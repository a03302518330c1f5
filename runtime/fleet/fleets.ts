import { ulid } from 'ulid';
import { AppError } from '../../shared/errors/app-error.ts';
import type { FleetBudget, FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import type { AgentIndex, RunId } from '../../shared/model/ids.ts';
import type { AgentKind } from '../../shared/model/states.ts';
import type { MetricValues } from '../telemetry/metrics.ts';
import { createSlices } from '../time/slices.ts';
import type { FleetsPorts, LaunchOptions } from './launch-options.ts';
import { createClosedError, launchRun } from './launch-run.ts';
import type { LiveRun } from './live-run.ts';
import type { SupervisedRun } from './live/supervised-run.ts';

export type { FleetsPorts, LaunchOptions } from './launch-options.ts';
export type { LiveRun } from './live-run.ts';

/** Launches fleets and holds those that are live. Disposing of it stops every run that is not held up. */
export interface Fleets extends AsyncDisposable {
  /** @throws {AppError} PROVIDER_UNKNOWN, PROVIDER_KEY_MISSING, TOOL_UNKNOWN, PROVIDER_UNREACHABLE, RUN_NOT_RESUMABLE before anything starts. */
  launch(plan: FleetPlan, options?: LaunchOptions): Promise<LiveRun>;
  list(): readonly LiveRun[];
  find(runId: RunId): LiveRun | undefined;
  /** Takes effect at each agent's next turn. @throws {AppError} RUN_NOT_LIVE */
  pause(runId: RunId, reason?: string): void;
  /** Lets a paused run go on; what `budget` names replaces that part of the run's budget. @throws {AppError} RUN_NOT_LIVE */
  resume(runId: RunId, budget?: FleetBudget): void;
  /** Asks every agent to end, forces it after `deadlineMs`; resolves when none is left. @throws {AppError} RUN_NOT_LIVE */
  stop(runId: RunId, deadlineMs: number): Promise<void>;
  /**
   * Holds one agent back before its next turn, or at its slot when it still waits for that; the others go on, and resuming
   * the run does not let it go on. A program that runs already cannot be held back.
   *
   * @throws {AppError} RUN_NOT_LIVE, AGENT_NOT_LIVE (no such agent, or it has ended), AGENT_NOT_PAUSABLE (its program runs)
   */
  pauseAgent(runId: RunId, agent: AgentIndex): void;
  /** Lets an agent go on that was held back by itself. @throws {AppError} RUN_NOT_LIVE, AGENT_NOT_LIVE */
  resumeAgent(runId: RunId, agent: AgentIndex): void;
  /**
   * Asks one agent to end, forces it after `deadlineMs`; resolves when it has ended. The others go on.
   *
   * @throws {AppError} RUN_NOT_LIVE, AGENT_NOT_LIVE
   */
  stopAgent(runId: RunId, agent: AgentIndex, deadlineMs: number): Promise<void>;
  /**
   * Lets no agent of these kinds, in any run, begin or go on to its next turn, until it is called again without them; the
   * others go on. An agent that has its slot keeps it; the time it waits is not its own. What was paused stays so.
   */
  switchOff(kinds: ReadonlySet<AgentKind>): void;
}

/** Opens the supervisor of fleets. */
export function openFleets(ports: FleetsPorts): Fleets {
  const live = new Map<RunId, SupervisedRun>();
  const launching = new Map<RunId, Promise<unknown>>();
  let isClosed = false;
  let kindsOff: ReadonlySet<AgentKind> = new Set();
  const slices = createSlices(() => ports.clock.monoMs());
  const figures = ports.metrics?.add((atMs, own) => takeFrames(live.values(), atMs, own));
  const get = (runId: RunId): SupervisedRun => {
    const run = live.get(runId);
    if (!run)
      throw new AppError('RUN_NOT_LIVE', `Run ${runId} is not live here; "flotilla history list" shows recorded runs.`);
    return run;
  };
  return {
    async launch(plan, options = {}) {
      if (isClosed) throw createClosedError();
      const runId = options.resume?.runId ?? ulid();
      if (live.has(runId) || launching.has(runId)) throw createLiveError(runId);
      const launch = { ports: { ...ports, slices }, runId, isClosed: () => isClosed };
      const opening = launchRun(launch, plan, options).then((opened) => {
        live.set(runId, opened);
        return opened;
      });
      launching.set(runId, opening);
      const run = await opening.finally(() => launching.delete(runId));
      void run.ended.then(() => live.delete(run.runId));
      // Not before whoever launched it could attach a watcher.
      ports.clock.after(0, () => {
        if (kindsOff.size > 0) run.switchOff(kindsOff);
        run.begin();
      });
      return run;
    },
    list: () => [...live.values()],
    find: (runId) => live.get(runId),
    pause: (runId, reason = 'Paused by the operator.') => get(runId).pause(reason),
    resume: (runId, budget) => get(runId).resume(budget),
    stop: async (runId, deadlineMs) => get(runId).stop(deadlineMs),
    pauseAgent: (runId, agent) => get(runId).agents.pause(agent),
    resumeAgent: (runId, agent) => get(runId).agents.resume(agent),
    stopAgent: async (runId, agent, deadlineMs) => get(runId).agents.stop(agent, deadlineMs),
    switchOff(kinds) {
      kindsOff = kinds;
      for (const run of live.values()) run.switchOff(kinds);
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      // Whoever launches hears that it came too late; here it only matters that nothing is half open any more.
      await Promise.allSettled(launching.values());
      await Promise.all([...live.values()].map((run) => run.close(ports.closeDeadlineMs)));
      figures?.[Symbol.dispose]();
    },
  };
}

function createLiveError(runId: RunId): AppError {
  const wayOut = `let it go on with "flotilla resume ${runId}", or stop it first with "flotilla stop ${runId}".`;
  return new AppError('RUN_NOT_RESUMABLE', `Run ${runId} is live already; ${wayOut}`);
}

/** Ends the present second of every run. */
function takeFrames(runs: Iterable<SupervisedRun>, atMs: number, own: MetricValues): MetricValues {
  const values: Record<string, number> = {};
  for (const { frames } of runs) if (!frames.isEnded) Object.assign(values, frames.take(atMs, own));
  return values;
}
