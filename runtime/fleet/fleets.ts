import { ulid } from 'ulid';
import { AppError } from '../../shared/errors/app-error.ts';
import type { EventSink } from '../../shared/events/event-sink.ts';
import type { FleetBudget, FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import type { AgentIndex, RunId } from '../../shared/model/ids.ts';
import { isFinalAgentState, type AgentKind } from '../../shared/model/states.ts';
import type { Gate } from '../admission/gate.ts';
import type { AskSettings, PriceOf } from '../agent/agent-context.ts';
import type { RecordedSession } from '../agent/recorded-session.ts';
import type { Clock } from '../time/clock.ts';
import { createSlices, type Slices } from '../time/slices.ts';
import type { RunTools } from '../tools/tool.ts';
import type { LiveRun } from './live-run.ts';
import { SupervisedRun, type RunAgent } from './live/supervised-run.ts';
import { bindProviders, type ProviderSource } from './provider-binding.ts';
import { openResultsFile } from './results-file.ts';

export type { LiveRun, RunListener, RunObserver } from './live-run.ts';

/** How a plan is launched. */
export interface LaunchOptions {
  /** Only these agents; all when absent. */
  readonly only?: ReadonlySet<number>;
  /**
   * Continues a run: same id, agents from their recorded sessions. Those in a final state are not started, unless
   * `only` names them: then they begin anew.
   */
  readonly resume?: { readonly runId: RunId; readonly sessions: AsyncIterable<RecordedSession> };
}

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
   * @throws {AppError} RUN_NOT_LIVE, AGENT_NOT_LIVE (no such agent, it has ended, or its program runs already)
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
}

/** What the runtime is handed to launch fleets with. */
export interface FleetsPorts {
  readonly gate: Gate;
  readonly clock: Clock;
  readonly sink: EventSink;
  readonly providers: ProviderSource;
  readonly priceOf: (plan: FleetPlan) => PriceOf;
  /** Opens the tools of one run. @throws {AppError} TOOL_UNKNOWN */
  readonly openTools: (run: { readonly runId: RunId; readonly plan: FleetPlan }) => Promise<RunTools>;
  readonly runAgent: RunAgent;
  readonly askSettings: () => AskSettings;
  /** Version of the settings in force, recorded with the run. */
  readonly settingsVersion: () => number;
  /** Between asking a run to stop and forcing it, when the program closes. */
  readonly closeDeadlineMs: number;
}

/** Opens the supervisor of fleets. */
export function openFleets(ports: FleetsPorts): Fleets {
  const live = new Map<RunId, SupervisedRun>();
  const launching = new Map<RunId, Promise<unknown>>();
  let isClosed = false;
  const slices = createSlices(() => ports.clock.monoMs());
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
      ports.clock.after(0, () => run.begin());
      return run;
    },
    list: () => [...live.values()],
    find: (runId) => live.get(runId),
    pause: (runId, reason = 'Paused by the operator.') => get(runId).pause(reason),
    resume: (runId, budget) => get(runId).resume(budget),
    stop: async (runId, deadlineMs) => get(runId).stop(deadlineMs),
    pauseAgent: (runId, agent) => get(runId).pauseAgent(agent),
    resumeAgent: (runId, agent) => get(runId).resumeAgent(agent),
    stopAgent: async (runId, agent, deadlineMs) => get(runId).stopAgent(agent, deadlineMs),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      // Whoever launches hears that it came too late; here it only matters that nothing is half open any more.
      await Promise.allSettled(launching.values());
      await Promise.all([...live.values()].map((run) => run.close(ports.closeDeadlineMs)));
    },
  };
}

function createClosedError(): AppError {
  return new AppError('TASK_CANCELLED', 'The program is closing and launches nothing more; start it again.');
}

function createLiveError(runId: RunId): AppError {
  const wayOut = `let it go on with "flotilla resume ${runId}", or stop it first with "flotilla stop ${runId}".`;
  return new AppError('RUN_NOT_RESUMABLE', `Run ${runId} is live already; ${wayOut}`);
}

/** What a launch works with. */
interface Launching {
  readonly ports: FleetsPorts & { readonly slices: Slices };
  readonly runId: RunId;
  readonly isClosed: () => boolean;
}

async function launchRun(
  { ports, runId, isClosed }: Launching,
  plan: FleetPlan,
  options: LaunchOptions,
): Promise<SupervisedRun> {
  const { gate, clock, slices, sink, askSettings, runAgent } = ports;
  const priceOf = ports.priceOf(plan);
  const { agents, recorded } = await chooseAgents(plan, options);
  await using opening = new AsyncDisposableStack();
  const tools = opening.use(await ports.openTools({ runId, plan }));
  const binding = opening.use(await bindProviders(plan, runId, { source: ports.providers, gate, clock }));
  const onTrouble = (error: Error): void =>
    sink.emit({
      type: 'notice',
      runId,
      atMs: clock.nowMs(),
      level: 'error',
      text: `The results file cannot be written: ${error.message}`,
    });
  const keep = options.resume !== undefined;
  const results =
    plan.resultsPath === undefined
      ? undefined
      : opening.use(await openResultsFile(plan.resultsPath, { keep, onTrouble }));
  if (isClosed()) throw createClosedError();
  const context = {
    clock,
    slices,
    gate,
    sink,
    priceOf,
    askSettings,
    tools,
    limits: plan.limits,
    providers: binding.providers,
    plan,
  };
  const run = new SupervisedRun({ runId, plan, agents, recorded, context, runAgent });
  if (results) run.watch({ agentFinished: (agent) => results.add(agent) });
  if (!keep) announceRun(ports, plan, runId);
  const opened = opening.move();
  run.ownUntilEnd(opened);
  return run;
}

function announceRun({ sink, clock, settingsVersion }: FleetsPorts, plan: FleetPlan, runId: RunId): void {
  sink.emit({
    type: 'run.launched',
    runId,
    atMs: clock.nowMs(),
    fleet: plan.name,
    fleetPath: plan.path,
    fleetText: plan.text,
    overrides: plan.overrides,
    workspace: plan.workspace,
    agents: plan.agents.length,
    settingsVersion: settingsVersion(),
  });
}

/** Which agents run now, and what is known of all of them. */
async function chooseAgents(
  plan: FleetPlan,
  options: LaunchOptions,
): Promise<Pick<ConstructorParameters<typeof SupervisedRun>[0], 'agents' | 'recorded'>> {
  const recorded = new Map<number, RecordedSession>();
  for await (const session of options.resume?.sessions ?? []) {
    const isAnew =
      options.only?.has(session.agent) === true &&
      isFinalAgentState(session.state) &&
      session.state !== 'interrupted' &&
      session.state !== 'stopped';
    recorded.set(
      session.agent,
      isAnew ? { ...session, state: 'queued', answer: '', elapsedMs: 0, messages: [], unknownCalls: [] } : session,
    );
  }
  const agents = plan.agents.filter(({ index, kind }) => {
    if (options.only && !options.only.has(index)) return false;
    const session = recorded.get(index);
    return session === undefined || isOpen(session, kind);
  });
  if (options.resume && agents.length === 0)
    throw new AppError('RUN_NOT_RESUMABLE', `Run ${options.resume.runId} has no agent left to run.`);
  const toRun = new Set(agents.map(({ index }) => index));
  // Of those that do not run only the figures are needed; their conversations may be large.
  for (const [index, session] of recorded)
    if (!toRun.has(index)) recorded.set(index, { ...session, answer: '', messages: [], unknownCalls: [] });
  return { agents, recorded };
}

/** Whether a session has something left to do: it was cut short, or failed before its model had answered even once. */
function isOpen({ state, turns }: RecordedSession, kind: AgentKind): boolean {
  if (!isFinalAgentState(state) || state === 'interrupted' || state === 'stopped') return true;
  return kind === 'model' && state === 'failed' && turns === 0;
}
