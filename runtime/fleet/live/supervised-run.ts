import { AppError, isAppError, toAppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { AgentPlan, FleetBudget, FleetPlan } from '../../../shared/fleet/fleet-schema.ts';
import type { StopReason } from '../../../shared/model/conversation.ts';
import type { RunId } from '../../../shared/model/ids.ts';
import type { AgentActivity, FinishedAgent, RunProgress } from '../../../shared/model/run-summary.ts';
import { isFinalAgentState, isFinalRunState, type RunState } from '../../../shared/model/states.ts';
import type { LaneName } from '../../admission/gate.ts';
import type { AgentContext, AgentEnd } from '../../agent/agent-context.ts';
import { createAgentState, finalStateOf } from '../../agent/agent-state.ts';
import type { RecordedSession } from '../../agent/recorded-session.ts';
import { AgentTable } from '../agent-table.ts';
import { ALL_RUNS_LANE, type LiveRun, type RunListener, type RunObserver } from '../live-run.ts';
import { RunFrameRecorder } from '../run-frames.ts';
import { findUsedUp } from '../run-budget.ts';
import { createRunControl } from '../run-control.ts';
import { createRunHold } from '../run-hold.ts';
import { addTally, countEndState, createAgentTally, createRunTally, type AgentTally } from '../run-tally.ts';

/** Runs one agent of any kind to its end; rejects only with a defect. */
export type RunAgent = (
  plan: AgentPlan,
  context: AgentContext,
  recorded: RecordedSession | undefined,
) => Promise<AgentEnd>;

/** How a run is set going. */
export interface RunStart {
  readonly runId: RunId;
  readonly plan: FleetPlan;
  /** Those of the plan that are to run now. */
  readonly agents: readonly AgentPlan[];
  readonly recorded: ReadonlyMap<number, RecordedSession>;
  /** Everything of an agent's context but what the run itself provides. */
  readonly context: Omit<AgentContext, 'control' | 'signal' | 'runId'>;
  readonly runAgent: RunAgent;
}

/** Agents announced before room for their events is asked for again. */
const ANNOUNCE_BATCH = 500;

/** Agents submitted before the event loop comes round again. */
const ADMIT_BATCH = 100;

/** After an agent was forced to end, until it is given up: its request or program has its own limits, far below this. */
const GIVE_UP_MS = 10_000;
/** For the tools and files of a run to close. */
const CLOSE_MS = 10_000;

/** Failures to reach a provider at all, or to be let in: every agent that asks it would have the same. */
const OUT_OF_REACH: ReadonlySet<string> = new Set<ErrorCode>([
  'PROVIDER_UNREACHABLE',
  'PROVIDER_CERTIFICATE_REFUSED',
  'PROVIDER_AUTH_REFUSED',
]);

/** A run while it lives: admits its agents through the gate, counts, holds them up, and ends. */
export class SupervisedRun implements LiveRun {
  readonly runId: RunId;
  /** Resolves when no agent of the run is left. */
  readonly ended: Promise<void>;
  readonly #start: RunStart;
  readonly #tally = createRunTally();
  readonly plan: FleetPlan;
  readonly table: AgentTable;
  readonly frames: RunFrameRecorder;
  readonly #observers = new Set<RunObserver>();
  readonly #force = new AbortController();
  readonly #hold = createRunHold(() => this.#settleWhenHeld());
  readonly #listeners = new Set<RunListener>();
  #settling = Promise.withResolvers<RunProgress>();
  readonly #ending = Promise.withResolvers<void>();
  readonly #sink: EventSink;
  readonly #startedAtMs: number;
  #endedAtMs: number | undefined;
  #state: RunState = 'queued';
  #reason: string | undefined;
  #running = 0;
  /** Agents that have not ended. */
  readonly #open: Map<number, AgentPlan>;
  #budget: FleetBudget;
  #budgetUsed = false;
  /** Set when the run is put away while it is held up: its record stays as it is. */
  #putAway = false;
  /** Why the run could not go on, when its provider cannot be reached. */
  #outOfReach: AppError | undefined;
  #resources: AsyncDisposable | undefined;

  constructor(start: RunStart) {
    const { sink, clock } = start.context;
    this.#start = start;
    this.runId = start.runId;
    this.ended = this.#ending.promise;
    this.#open = new Map(start.agents.map((plan) => [plan.index, plan]));
    this.#budget = start.plan.budget;
    this.#startedAtMs = clock.nowMs();
    this.plan = start.plan;
    this.table = new AgentTable(start.plan.agents, this.#startedAtMs);
    this.frames = new RunFrameRecorder({ runId: start.runId, table: this.table, startedAtMs: this.#startedAtMs });
    this.#sink = {
      emit: (event) => {
        if (this.#putAway) return;
        this.table.note(event);
        this.frames.note(event);
        sink.emit(event);
        for (const observer of this.#observers) observer(event);
      },
      room: () => sink.room(),
    };
    const toRun = new Set(start.agents.map(({ index }) => index));
    for (const session of start.recorded.values()) {
      addTally(this.#tally, tallyOf(session));
      this.table.restore(session, toRun.has(session.agent));
      const hasEnded = isFinalAgentState(session.state) && session.state !== 'interrupted';
      if (hasEnded && !toRun.has(session.agent)) countEndState(this.#tally, session.state);
    }
  }

  /** Closes `resources` when no agent is left; `settled` and `ended` wait for it. */
  ownUntilEnd(resources: AsyncDisposable): void {
    this.#resources = resources;
  }

  get settled(): Promise<RunProgress> {
    return this.#settling.promise;
  }

  activity(limit: number): AgentActivity[] {
    return this.table.activity(limit);
  }

  progress(): RunProgress {
    return {
      runId: this.runId,
      fleet: this.#start.plan.name,
      state: this.#state,
      reason: this.#reason,
      startedAtMs: this.#startedAtMs,
      endedAtMs: this.#endedAtMs,
      agents: this.#start.plan.agents.length,
      agentsRunning: this.#running,
      ...this.#tally,
    };
  }

  watch(listener: RunListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  observe(listener: RunObserver): Disposable {
    this.#observers.add(listener);
    return { [Symbol.dispose]: () => void this.#observers.delete(listener) };
  }

  /** Announces the agents and admits them; returns at once, `settled` tells the end. */
  begin(): void {
    if (this.#state === 'queued') this.#enter('running');
    this.#checkBudget();
    void this.#announce()
      .then(() => this.#admitAll())
      .catch((error: unknown) => this.#end('failed', toAppError(error)));
  }

  pause(reason: string): void {
    if (this.#state !== 'running') return;
    this.#hold.pause(reason);
    this.#enter('paused', reason);
    this.#settleWhenHeld();
  }

  /** Lets a paused run go on, with a budget changed where one is given; it pauses again at once when that is used up too. */
  resume(budget?: FleetBudget): void {
    if (this.#state !== 'paused') return;
    this.#budget = { ...this.#budget, ...budget };
    this.#budgetUsed = false;
    const next = Promise.withResolvers<RunProgress>();
    // Whoever waits for a pause that was not complete yet now waits for the next.
    this.#settling.resolve(next.promise);
    this.#settling = next;
    this.#enter('running');
    const reason = findUsedUp(this.#budget, this.#tally);
    // Before anybody is let go: each agent that passes asks for one more turn.
    if (reason === undefined) this.#hold.resume();
    else this.#pauseForBudget(reason);
  }

  /** Ends within `deadlineMs` and a few seconds: agents that do not answer even to the force are given up. */
  async stop(deadlineMs: number): Promise<void> {
    if (isFinalRunState(this.#state)) return;
    const { gate, clock } = this.#start.context;
    if (this.#state !== 'stopping') this.#enter('stopping');
    this.#hold.stop();
    gate.cancel(this.runId, { code: 'TASK_CANCELLED', message: 'The run is stopping.' });
    const stopped = new AppError('TASK_CANCELLED', 'The run was stopped.');
    using _force = clock.after(deadlineMs, () => this.#force.abort(stopped));
    using _giveUp = clock.after(deadlineMs + GIVE_UP_MS, () => this.#giveUp(stopped));
    await this.ended;
  }

  /** Puts a run that is held up away as it is, for a later resume; stops any other. */
  async close(deadlineMs: number): Promise<void> {
    if (this.#state === 'paused' && this.#isHeld()) this.#putAway = true;
    await this.stop(deadlineMs);
  }

  pauseAgent(agent: number): void {
    throw new AppError('INTERNAL', `Agent ${agent} cannot be held back yet.`);
  }

  resumeAgent(agent: number): void {
    throw new AppError('INTERNAL', `Agent ${agent} cannot be held back yet.`);
  }

  stopAgent(agent: number, deadlineMs: number): Promise<void> {
    throw new AppError('INTERNAL', `Agent ${agent} cannot be stopped within ${deadlineMs} ms yet.`);
  }

  #isHeld(): boolean {
    return this.#running === this.#hold.waiting;
  }

  #settleWhenHeld(): void {
    if (!this.#budgetUsed || this.#state !== 'paused' || !this.#isHeld()) return;
    // What the tools wrote must be in their file before anybody compares it with history.
    const settling = this.#settling;
    const settle = (): void => {
      // It may have gone on meanwhile; then whoever waits waits for the next end.
      if (settling === this.#settling) settling.resolve(this.progress());
    };
    // A ledger that cannot be written has said so itself.
    this.#start.context.tools.flush().then(settle, settle);
  }

  #giveUp(reason: AppError): void {
    for (const plan of this.#open.values()) {
      const text = `${plan.name} did not answer when it was forced to end, and was given up.`;
      const atMs = this.#start.context.clock.nowMs();
      this.#sink.emit({ type: 'notice', runId: this.runId, atMs, level: 'error', agent: plan.index, text });
      this.#endUnstarted(plan, reason);
    }
  }

  #enter(state: RunState, reason?: string, error?: AppError): void {
    this.#state = state;
    this.#reason = reason;
    const atMs = this.#start.context.clock.nowMs();
    if (isFinalRunState(state)) this.#endedAtMs = atMs;
    this.#sink.emit({ type: 'run.changed', runId: this.runId, atMs, state, reason, error: error?.toData() });
    for (const listener of this.#listeners) listener.changed?.(this.progress());
  }

  #checkBudget(): void {
    const reason = findUsedUp(this.#budget, this.#tally);
    if (reason !== undefined) this.#pauseForBudget(reason);
  }

  #pauseForBudget(reason: string): void {
    this.#budgetUsed = true;
    this.pause(reason);
  }

  async #announce(): Promise<void> {
    const { clock, slices } = this.#start.context;
    for (const [position, plan] of this.#start.agents.entries()) {
      if (position % ANNOUNCE_BATCH === 0) {
        await this.#sink.room();
        await slices.pass();
      }
      if (this.#start.recorded.has(plan.index)) continue;
      const { index: agent, name, kind, prompt } = plan;
      const system = plan.kind === 'model' ? plan.system : '';
      this.#sink.emit({
        type: 'agent.added',
        runId: this.runId,
        atMs: clock.nowMs(),
        agent,
        name,
        kind,
        system,
        prompt,
      });
    }
  }

  async #admitAll(): Promise<void> {
    const { agents, plan: fleet, context } = this.#start;
    if (agents.length === 0) return void this.#end('done');
    const lane: LaneName = `run:${this.runId}`;
    const opened = context.gate.openLane(lane, {
      maxRunning: fleet.limits.concurrentAgents,
      queueCapacity: agents.length,
    });
    void this.ended.then(() => opened[Symbol.dispose]());
    for (const [position, plan] of agents.entries()) {
      if (position % ADMIT_BATCH === 0) await context.slices.pass();
      if (this.#hold.stopping) {
        // One that was not submitted yet could not be cancelled at the gate.
        this.#endUnstarted(plan, this.#hold.signal.reason);
        continue;
      }
      const owner = `${this.runId}/${plan.index}`;
      const inAllRuns = (): Promise<void> => context.gate.submit(ALL_RUNS_LANE, () => this.#runOne(plan), { owner });
      context.gate.submit(lane, inAllRuns, { owner }).catch((error: unknown) => this.#endUnstarted(plan, error));
    }
  }

  /** An agent's whole life; never rejects. */
  async #runOne(plan: AgentPlan): Promise<void> {
    const { clock } = this.#start.context;
    const recorded = this.#start.recorded.get(plan.index);
    const startedMs = clock.monoMs();
    const tally = recorded ? tallyOf(recorded) : createAgentTally();
    const context: AgentContext = {
      ...this.#start.context,
      sink: this.#sink,
      runId: this.runId,
      signal: this.#force.signal,
      control: createRunControl({
        hold: this.#hold,
        tallies: [tally, this.#tally],
        onSpent: () => this.#checkBudget(),
      }),
    };
    // It was given up, or its run could not go on, while it waited to be admitted.
    if (!this.#open.has(plan.index)) return;
    this.#running += 1;
    const end = await this.#start
      .runAgent(plan, context, recorded)
      .catch((error: unknown) => this.#endFor(plan, error));
    this.#running -= 1;
    this.#agentEnded(plan, end, tally, clock.monoMs() - startedMs + (recorded?.elapsedMs ?? 0));
  }

  #endUnstarted(plan: AgentPlan, error: unknown): void {
    if (!this.#open.has(plan.index)) return;
    const recorded = this.#start.recorded.get(plan.index);
    this.#agentEnded(plan, this.#endFor(plan, error), recorded ? tallyOf(recorded) : createAgentTally(), 0);
  }

  /** Records the end of an agent that could not record it itself: one that never started, or a defect. */
  #endFor(plan: AgentPlan, error: unknown): AgentEnd {
    const failure = toAppError(error);
    const stop: StopReason = isAppError(error, 'TASK_CANCELLED')
      ? { kind: 'stopped', by: 'operator' }
      : { kind: 'failed', code: failure.code, message: failure.message };
    const state = createAgentState(
      { runId: this.runId, agent: plan.index },
      { sink: this.#sink, clock: this.#start.context.clock },
    );
    state.enter(finalStateOf(stop), { stop, answer: '' });
    return { stop, answer: '' };
  }

  #agentEnded(plan: AgentPlan, end: AgentEnd, tally: AgentTally, ms: number): void {
    // One that was given up may still end later.
    if (!this.#open.delete(plan.index)) return;
    countEndState(this.#tally, finalStateOf(end.stop));
    const { index: agent, name, kind } = plan;
    const { turns, toolCalls, inputTokens, outputTokens } = tally;
    const finished: FinishedAgent = {
      agent,
      name,
      kind,
      state: finalStateOf(end.stop),
      stop: end.stop,
      turns,
      toolCalls,
      inputTokens,
      outputTokens,
      costUsd: tally.unpricedTurns === 0 ? tally.costUsd : undefined,
      ms,
      answer: end.answer,
    };
    // One that is put away goes on later: it has no result yet.
    if (!this.#putAway) for (const listener of this.#listeners) listener.agentFinished?.(finished);
    if (this.#open.size > 0) this.#checkReach(plan, end.stop);
    if (this.#open.size > 0) return this.#settleWhenHeld();
    if (this.#outOfReach) void this.#end('failed', this.#outOfReach);
    else void this.#end(this.#hold.stopping ? 'stopped' : 'done');
  }

  /**
   * Gives the run up when its first word from the provider is that there is none: with no turn answered yet, all that is
   * left would only learn the same, each after all its attempts.
   */
  #checkReach(plan: AgentPlan, stop: StopReason): void {
    if (this.#tally.turns > 0 || this.#outOfReach || this.#hold.stopping) return;
    if (stop.kind !== 'failed' || !OUT_OF_REACH.has(stop.code) || plan.kind !== 'model') return;
    const asksElsewhere = (other: AgentPlan): boolean => other.kind !== 'model' || other.provider !== plan.provider;
    if ([...this.#open.values()].some(asksElsewhere)) return;
    this.#outOfReach = new AppError(stop.code as ErrorCode, stop.message);
    this.#hold.stop();
    this.#start.context.gate.cancel(this.runId, { code: 'TASK_CANCELLED', message: stop.message });
    this.#force.abort(new AppError('TASK_CANCELLED', stop.message));
  }

  async #closeResources(): Promise<void> {
    const { clock } = this.#start.context;
    const closing = Promise.resolve(this.#resources?.[Symbol.asyncDispose]());
    using waiting = new DisposableStack();
    const late = new Promise<Error>((resolve) => {
      waiting.use(clock.after(CLOSE_MS, () => resolve(new Error('it took too long'))));
    });
    const failure = await Promise.race([closing.then(() => undefined, toAppError), late]);
    if (!failure) return;
    const text = `The tools and files of the run could not be closed: ${failure.message}`;
    this.#sink.emit({ type: 'notice', runId: this.runId, atMs: clock.nowMs(), level: 'error', text });
  }

  async #end(state: 'done' | 'stopped' | 'failed', error?: AppError): Promise<void> {
    await this.#closeResources();
    this.#enter(state, error?.message, error);
    this.#ending.resolve();
    this.#settling.resolve(this.progress());
  }
}

function tallyOf(session: RecordedSession): AgentTally {
  const { turns, toolCalls, inputTokens, outputTokens, costUsd } = session;
  return createAgentTally({
    turns,
    toolCalls,
    inputTokens,
    outputTokens,
    costUsd: costUsd ?? 0,
    unpricedTurns: costUsd === undefined ? turns : 0,
  });
}
