import { AppError } from '../../../shared/errors/app-error.ts';
import type { AgentPlan } from '../../../shared/fleet/fleet-schema.ts';
import type { AgentIndex } from '../../../shared/model/ids.ts';
import type { AgentTable } from '../agent-table.ts';
import type { AgentsAtGate } from './agents-at-gate.ts';
import { createAgentStopError, type RunHold } from './run-hold.ts';
import type { RunStart } from './run-start.ts';
import type { WorkingAgents } from './working-agents.ts';

/** After an agent was forced to end, until it is given up: its request or program has its own limits, far below this. */
export const GIVE_UP_MS = 10_000;

/** The run, as far as a single agent of it can be acted on. */
export interface AgentOperationsParts {
  readonly start: RunStart;
  readonly table: AgentTable;
  readonly hold: RunHold;
  readonly working: WorkingAgents;
  /** Those that wait for their slots. */
  readonly atGate: AgentsAtGate;
  /** Agents that have not ended. */
  readonly open: ReadonlyMap<AgentIndex, AgentPlan>;
  /** Ends an agent that did not answer even when it was forced. */
  readonly giveUp: (plan: AgentPlan, reason: AppError) => void;
}

/** What an operator does to single agents of a run while the others go on. */
export class AgentOperations {
  readonly #parts: AgentOperationsParts;
  /** Those who wait for the end of an agent. */
  readonly #ends = new Map<AgentIndex, PromiseWithResolvers<void>>();

  constructor(parts: AgentOperationsParts) {
    this.#parts = parts;
  }

  /** @throws {AppError} AGENT_NOT_LIVE, AGENT_NOT_PAUSABLE */
  pause(agent: AgentIndex): void {
    const { hold, working, table, atGate } = this.#parts;
    const { kind, name } = this.#get(agent);
    if (hold.isStopping(agent) || hold.isAgentPaused(agent)) return;
    if (working.has(agent) && kind !== 'model' && table.stateOf(agent) === 'running tools') {
      const text = `The program of ${name} runs already and cannot be held up; it can only be stopped.`;
      throw new AppError('AGENT_NOT_PAUSABLE', text);
    }
    hold.pauseAgent(agent);
    atGate.reconsider(agent);
    if (working.has(agent) && table.stateOf(agent) !== 'paused') table.noteWish(agent, 'pausing');
  }

  /** @throws {AppError} AGENT_NOT_LIVE */
  resume(agent: AgentIndex): void {
    const { hold, atGate, table } = this.#parts;
    this.#get(agent);
    if (!hold.isAgentPaused(agent)) return;
    hold.resumeAgent(agent);
    table.noteWish(agent, 'none');
    atGate.reconsider(agent);
  }

  /** Resolves when the agent has ended, at the latest some seconds after `deadlineMs`. @throws {AppError} AGENT_NOT_LIVE */
  async stop(agent: AgentIndex, deadlineMs: number): Promise<void> {
    const { hold, working, start, table } = this.#parts;
    const { gate, clock } = start.context;
    const plan = this.#get(agent);
    const end = this.#ends.get(agent) ?? Promise.withResolvers<void>();
    this.#ends.set(agent, end);
    const stopped = createAgentStopError();
    table.noteWish(agent, 'stopping');
    hold.stopAgent(agent);
    working.ask(agent, stopped);
    gate.cancel(`${start.runId}/${agent}`, stopped.toData());
    using _force = clock.after(deadlineMs, () => working.force(agent, stopped));
    using _giveUp = clock.after(deadlineMs + GIVE_UP_MS, () => this.#parts.giveUp(plan, stopped));
    await end.promise;
  }

  /** To be called when the agent has ended. */
  noteEnded(agent: AgentIndex): void {
    this.#parts.hold.forget(agent);
    this.#parts.atGate.noteEnded(agent);
    this.#ends.get(agent)?.resolve();
    this.#ends.delete(agent);
  }

  #get(agent: AgentIndex): AgentPlan {
    const plan = this.#parts.open.get(agent);
    if (plan) return plan;
    const text = `Run ${this.#parts.start.runId} has no agent ${agent} that is live; it has ended or was never there.`;
    throw new AppError('AGENT_NOT_LIVE', text);
  }
}
