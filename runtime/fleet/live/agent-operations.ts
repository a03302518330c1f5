import { AppError } from '../../../shared/errors/app-error.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { AgentPlan } from '../../../shared/fleet/fleet-schema.ts';
import type { AgentIndex } from '../../../shared/model/ids.ts';
import type { Gate } from '../../admission/gate.ts';
import type { AgentTable } from '../agent-table.ts';
import { AGENT_PAUSED, createAgentStopError, type RunHold } from './run-hold.ts';
import type { RunStart } from './run-start.ts';
import type { WorkingAgents } from './working-agents.ts';

/** After an agent was forced to end, until it is given up: its request or program has its own limits, far below this. */
export const GIVE_UP_MS = 10_000;

/** The run, as far as a single agent of it can be acted on. */
export interface AgentOperationsParts {
  readonly start: RunStart;
  readonly sink: EventSink;
  readonly table: AgentTable;
  readonly hold: RunHold;
  readonly working: WorkingAgents;
  /** Agents that have not ended. */
  readonly open: ReadonlyMap<AgentIndex, AgentPlan>;
  /** Ends an agent that did not answer even when it was forced. */
  readonly giveUp: (plan: AgentPlan, reason: AppError) => void;
}

/** What an operator does to single agents of a run while the others go on. */
export class AgentOperations {
  readonly #parts: AgentOperationsParts;
  /** Agents that the gate holds back because they were paused before they had their slots. */
  readonly #heldAtGate = new Set<AgentIndex>();
  /** Those who wait for the end of an agent. */
  readonly #ends = new Map<AgentIndex, PromiseWithResolvers<void>>();
  /** Agents are announced in ascending order; before that nothing may be said of them. */
  #announcedTo: AgentIndex = -1;

  constructor(parts: AgentOperationsParts) {
    this.#parts = parts;
  }

  /** @throws {AppError} AGENT_NOT_LIVE, AGENT_NOT_PAUSABLE */
  pause(agent: AgentIndex): void {
    const { hold, working, table } = this.#parts;
    const { kind, name } = this.#get(agent);
    if (hold.isStopping(agent) || hold.isAgentPaused(agent)) return;
    const isWorking = working.has(agent);
    if (isWorking && kind !== 'model' && table.stateOf(agent) === 'running tools') {
      const text = `The program of ${name} runs already and cannot be held up; it can only be stopped.`;
      throw new AppError('AGENT_NOT_PAUSABLE', text);
    }
    hold.pauseAgent(agent);
    if (isWorking) return;
    this.#heldAtGate.add(agent);
    this.#gate.pause(this.#ownerOf(agent));
    if (agent <= this.#announcedTo) this.#enter(agent, 'paused', AGENT_PAUSED);
  }

  /** @throws {AppError} AGENT_NOT_LIVE */
  resume(agent: AgentIndex): void {
    const { hold, working } = this.#parts;
    this.#get(agent);
    if (!hold.isAgentPaused(agent)) return;
    const isWaiting = this.#heldAtGate.has(agent) && !working.has(agent);
    if (isWaiting && agent <= this.#announcedTo) this.#enter(agent, 'queued');
    hold.resumeAgent(agent);
    this.#letGo(agent);
  }

  /** Resolves when the agent has ended, at the latest some seconds after `deadlineMs`. @throws {AppError} AGENT_NOT_LIVE */
  async stop(agent: AgentIndex, deadlineMs: number): Promise<void> {
    const { hold, working, start } = this.#parts;
    const { gate, clock } = start.context;
    const plan = this.#get(agent);
    const end = this.#ends.get(agent) ?? Promise.withResolvers<void>();
    this.#ends.set(agent, end);
    const stopped = createAgentStopError();
    hold.stopAgent(agent);
    working.ask(agent, stopped);
    gate.cancel(this.#ownerOf(agent), stopped.toData());
    using _force = clock.after(deadlineMs, () => working.force(agent, stopped));
    using _giveUp = clock.after(deadlineMs + GIVE_UP_MS, () => this.#parts.giveUp(plan, stopped));
    await end.promise;
  }

  /** To be called when history knows the agent: one that was paused before is said to be now. */
  noteAnnounced(agent: AgentIndex): void {
    this.#announcedTo = agent;
    if (this.#heldAtGate.has(agent)) this.#enter(agent, 'paused', AGENT_PAUSED);
  }

  /** To be called when the agent has ended. */
  noteEnded(agent: AgentIndex): void {
    this.#parts.hold.forget(agent);
    this.#letGo(agent);
    this.#ends.get(agent)?.resolve();
    this.#ends.delete(agent);
  }

  #get(agent: AgentIndex): AgentPlan {
    const plan = this.#parts.open.get(agent);
    if (plan) return plan;
    const text = `Run ${this.#parts.start.runId} has no agent ${agent} that is live; it has ended or was never there.`;
    throw new AppError('AGENT_NOT_LIVE', text);
  }

  get #gate(): Gate {
    return this.#parts.start.context.gate;
  }

  #letGo(agent: AgentIndex): void {
    if (this.#heldAtGate.delete(agent)) this.#gate.resume(this.#ownerOf(agent));
  }

  #ownerOf(agent: AgentIndex): string {
    return `${this.#parts.start.runId}/${agent}`;
  }

  #enter(agent: AgentIndex, state: 'paused' | 'queued', reason?: string): void {
    const { start, sink } = this.#parts;
    const { runId, context } = start;
    sink.emit({ type: 'agent.changed', runId, atMs: context.clock.nowMs(), agent, state, reason });
  }
}
