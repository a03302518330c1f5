import { AppError, toAppError } from '../../../shared/errors/app-error.ts';
import type { AgentPlan, FleetBudget, FleetPlan } from '../../../shared/fleet/fleet-schema.ts';
import type { StopReason } from '../../../shared/model/conversation.ts';
import type { AgentIndex, RunId } from '../../../shared/model/ids.ts';
import type { AgentActivity, RunProgress } from '../../../shared/model/run-summary.ts';
import { isFinalRunState, type AgentKind } from '../../../shared/model/states.ts';
import { finalStateOf } from '../../agent/agent-state.ts';
import { AgentTable } from '../agent-table.ts';
import type { LiveRun, RunListener, RunObserver } from '../live-run.ts';
import { RunFrameRecorder } from '../run-frames.ts';
import { recordEnd, tallyOf, toFinishedAgent } from './agent-end.ts';
import { liveAgent, type AgentLife, type AgentLifeParts } from './agent-life.ts';
import { AgentOperations, GIVE_UP_MS } from './agent-operations.ts';
import { AgentsAtGate } from './agents-at-gate.ts';
import { closeInTime } from './close-in-time.ts';
import { ProgramTails } from './program-output.ts';
import { addEarlierLives } from './earlier-lives.ts';
import { findOutOfReach } from './out-of-reach.ts';
import { admitAgents, announceAgents } from './run-admission.ts';
import { findUsedUp } from './run-budget.ts';
import { RunEvents } from './run-events.ts';
import { createRunHold, createStopError } from './run-hold.ts';
import { RunSettling } from './run-settling.ts';
import { RunStanding } from './run-standing.ts';
import type { RunStart } from './run-start.ts';
import { countEndState, createRunTally } from './run-tally.ts';
import { WorkingAgents } from './working-agents.ts';

/** A run while it lives: admits its agents through the gate, counts, holds them up, and ends. */
export class SupervisedRun implements LiveRun {
  readonly runId: RunId;
  readonly plan: FleetPlan;
  readonly table: AgentTable;
  readonly frames: RunFrameRecorder;
  readonly output = new ProgramTails();
  /** What an operator does to single agents. */
  readonly agents: AgentOperations;
  /** Resolves when no agent of the run is left. */
  readonly ended: Promise<void>;
  readonly #start: RunStart;
  readonly #tally = createRunTally();
  readonly #working = new WorkingAgents();
  readonly #hold = createRunHold({
    onWaiting: () => this.#settleWhenHeld(),
    kindOf: (agent) => this.#open.get(agent)?.kind,
  });
  readonly #settling = new RunSettling();
  readonly #ending = Promise.withResolvers<void>();
  readonly #events: RunEvents;
  readonly #standing: RunStanding;
  readonly #lifeParts: AgentLifeParts;
  readonly #atGate: AgentsAtGate;
  /** Agents that have not ended. */
  readonly #open: Map<AgentIndex, AgentPlan>;
  #budget: FleetBudget;
  #budgetUsed = false;
  /** Why the run could not go on, when its provider cannot be reached. */
  #outOfReach: AppError | undefined;
  #resources: AsyncDisposable | undefined;

  constructor(start: RunStart) {
    const { runId, plan, earlier } = start;
    const { sink, clock } = start.context;
    this.#start = start;
    this.runId = runId;
    this.plan = plan;
    this.ended = this.#ending.promise;
    this.#open = new Map(start.agents.map((agent) => [agent.index, agent]));
    this.#budget = plan.budget;
    const table = (this.table = new AgentTable(plan.agents, clock.nowMs()));
    const frames = (this.frames = new RunFrameRecorder({ runId, table, clock }));
    const events = (this.#events = new RunEvents({ sink, table, frames }));
    this.#standing = new RunStanding({ runId, clock, earlier, sink: events, counts: () => this.#counts() });
    const shared = { start, sink: events, hold: this.#hold, working: this.#working };
    const giveUp = (agent: AgentPlan, reason: AppError): void => this.#giveUp(agent, reason);
    const open = this.#open;
    const atGate = (this.#atGate = new AgentsAtGate({ ...shared, open }));
    this.agents = new AgentOperations({ ...shared, atGate, table, open, giveUp });
    this.#lifeParts = {
      ...shared,
      tally: this.#tally,
      output: this.output,
      onSpent: () => void this.#pauseForBudget(),
    };
    addEarlierLives(start, this.#tally, table);
  }

  /** Closes `resources` when no agent is left; `settled` and `ended` wait for it. */
  ownUntilEnd(resources: AsyncDisposable): void {
    this.#resources = resources;
  }

  get settled(): Promise<RunProgress> {
    return this.#settling.promise;
  }

  get budget(): FleetBudget {
    return this.#budget;
  }

  activity(limit: number): AgentActivity[] {
    return this.table.activity(limit);
  }

  get beganAtMs(): number {
    return this.#standing.beganAtMs;
  }

  progress(): RunProgress {
    return this.#standing.progress();
  }

  watch(listener: RunListener): Disposable {
    return this.#standing.watch(listener);
  }

  observe(listener: RunObserver): Disposable {
    return this.#events.observe(listener);
  }

  /** Announces the agents and admits them; returns at once, `settled` tells the end. */
  begin(): void {
    // A resume may have been given another budget than the one that history knows.
    const budget = this.#start.earlier && this.#budget;
    if (this.#standing.state === 'queued') this.#standing.enter('running', { budget });
    this.#pauseForBudget();
    void this.#admitAll().catch((error: unknown) => this.#end('failed', toAppError(error)));
  }

  pause(reason: string): void {
    if (this.#standing.state !== 'running') return;
    this.#hold.pause(reason);
    this.#standing.enter('paused', { reason });
    this.#settleWhenHeld();
  }

  /** Lets a paused run go on, with a budget changed where one is given; it pauses again at once when that is used up too. */
  resume(budget?: FleetBudget): void {
    if (this.#standing.state !== 'paused') return;
    this.#budget = { ...this.#budget, ...budget };
    this.#budgetUsed = false;
    this.#settling.renew();
    this.#standing.enter('running', { budget: budget && this.#budget });
    // Before anybody is let go: each agent that passes asks for one more turn.
    if (!this.#pauseForBudget()) this.#hold.resume();
  }

  /** Lets no agent of these kinds begin or go on to its next turn, until it is called again without them. */
  switchOff(kinds: ReadonlySet<AgentKind>): void {
    this.#hold.switchOff(kinds);
    this.#atGate.reconsiderAll();
  }

  /** Ends within `deadlineMs` and a few seconds: agents that do not answer even to the force are given up. */
  async stop(deadlineMs: number): Promise<void> {
    if (isFinalRunState(this.#standing.state)) return;
    const { clock } = this.#start.context;
    if (this.#standing.state !== 'stopping') this.#standing.enter('stopping');
    this.#askAll(createStopError());
    const stopped = new AppError('TASK_CANCELLED', 'The run was stopped.');
    using _force = clock.after(deadlineMs, () => this.#working.forceAll(stopped));
    using _giveUp = clock.after(deadlineMs + GIVE_UP_MS, () => {
      for (const plan of this.#open.values()) this.#giveUp(plan, stopped);
    });
    await this.ended;
  }

  /** Puts a run that is held up away as it is, for a later resume; stops any other. */
  async close(deadlineMs: number): Promise<void> {
    if (this.#standing.state === 'paused' && this.#isHeld()) this.#events.mute();
    await this.stop(deadlineMs);
  }

  #counts() {
    const { name: fleet, agents } = this.plan;
    return { fleet, agents: agents.length, agentsRunning: this.#working.size, ...this.#tally };
  }

  /** Asks every agent to end and lets none begin. */
  #askAll(reason: AppError): void {
    this.#hold.stop();
    this.#working.askAll(reason);
    this.#start.context.gate.cancel(this.runId, reason.toData());
  }

  #isHeld(): boolean {
    return this.#working.size === this.#hold.waiting;
  }

  #settleWhenHeld(): void {
    if (!this.#budgetUsed || this.#standing.state !== 'paused' || !this.#isHeld()) return;
    // What the tools wrote must be in their file before anybody compares it with history.
    this.#settling.settleAfter(this.#start.context.tools.flush(), () => this.progress());
  }

  #giveUp(plan: AgentPlan, reason: AppError): void {
    if (!this.#open.has(plan.index)) return;
    this.#say(`${plan.name} did not answer when it was forced to end, and was given up.`, plan.index);
    this.#endUnstarted(plan, reason);
  }

  #say(text: string, agent?: AgentIndex): void {
    const atMs = this.#start.context.clock.nowMs();
    this.#events.emit({ type: 'notice', runId: this.runId, atMs, level: 'error', agent, text });
  }

  /** Pauses the run when its budget is used up, and answers whether it is. */
  #pauseForBudget(): boolean {
    const reason = findUsedUp(this.#budget, this.#tally);
    if (reason === undefined) return false;
    this.#budgetUsed = true;
    this.pause(reason);
    return true;
  }

  async #admitAll(): Promise<void> {
    await announceAgents(this.#start, this.#events, (agent) => this.#atGate.noteAnnounced(agent));
    if (this.#start.agents.length === 0) return void this.#end('done');
    await admitAgents(this.#start, {
      isStopping: (agent) => this.#hold.isStopping(agent),
      ended: this.ended,
      runOne: (plan) => this.#runOne(plan),
      endUnstarted: (plan, error) => this.#endUnstarted(plan, error),
    });
  }

  /** An agent's whole life; never rejects. */
  async #runOne(plan: AgentPlan): Promise<void> {
    // It was given up, or its run could not go on, while it waited to be admitted.
    if (!this.#open.has(plan.index)) return;
    const life = await liveAgent(plan, this.#lifeParts);
    // In one step: whoever looks whether all that work are held up must not find it in neither.
    this.#working.delete(plan.index);
    this.#agentEnded(plan, life);
  }

  #endUnstarted(plan: AgentPlan, error: unknown): void {
    if (!this.#open.has(plan.index)) return;
    const { recorded, context } = this.#start;
    const ports = { sink: this.#events, clock: context.clock };
    const end = recordEnd({ runId: this.runId, agent: plan.index }, error, ports);
    this.#agentEnded(plan, { end, tally: tallyOf(recorded.get(plan.index)), ms: 0 });
  }

  #agentEnded(plan: AgentPlan, { end, tally, ms }: AgentLife): void {
    // One that was given up may still end later.
    if (!this.#open.delete(plan.index)) return;
    countEndState(this.#tally, finalStateOf(end.stop));
    this.output.forget(plan.index);
    this.agents.noteEnded(plan.index);
    const finished = toFinishedAgent(plan, end, tally, ms);
    // One that is put away goes on later: it has no result yet.
    if (!this.#events.isMuted) for (const listener of this.#standing.listeners) listener.agentFinished?.(finished);
    if (this.#open.size > 0) this.#checkReach(plan, end.stop);
    if (this.#open.size > 0) return this.#settleWhenHeld();
    if (this.#outOfReach) void this.#end('failed', this.#outOfReach);
    else void this.#end(this.#hold.stopping ? 'stopped' : 'done');
  }

  /** Gives the run up while no turn was answered yet and none can be. */
  #checkReach(plan: AgentPlan, stop: StopReason): void {
    if (this.#tally.turns > 0 || this.#outOfReach || this.#hold.stopping) return;
    this.#outOfReach = findOutOfReach(plan, stop, this.#open.values());
    if (!this.#outOfReach) return;
    const reason = new AppError('TASK_CANCELLED', this.#outOfReach.message);
    this.#askAll(reason);
    this.#working.forceAll(reason);
  }

  async #end(state: 'done' | 'stopped' | 'failed', error?: AppError): Promise<void> {
    const { clock, sink } = this.#start.context;
    const failure = await closeInTime(this.#resources, clock);
    if (failure) this.#say(`The tools and files of the run could not be closed: ${failure.message}`);
    const atMs = clock.nowMs();
    const values = this.frames.end(atMs, this.#start.metrics?.latest);
    if (!this.#events.isMuted) sink.emit({ type: 'metric.frame', atMs, values });
    this.#standing.enter(state, { reason: error?.message, error });
    this.#ending.resolve();
    this.#settling.settle(this.progress());
  }
}
