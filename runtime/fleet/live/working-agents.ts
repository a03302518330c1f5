import type { AppError } from '../../../shared/errors/app-error.ts';
import type { AgentIndex } from '../../../shared/model/ids.ts';

/** What ends one agent that has its slot. */
export interface WorkingAgent {
  /** Aborts when it is asked to end. */
  readonly stopping: AbortSignal;
  /** Aborts when it is forced to. */
  readonly signal: AbortSignal;
}

interface Ending {
  readonly ask: AbortController;
  readonly force: AbortController;
}

/** The agents of a run that have their slots, and the two ways to end each: asking and forcing. */
export class WorkingAgents {
  readonly #endings = new Map<AgentIndex, Ending>();
  #askedFor: AppError | undefined;
  #forcedFor: AppError | undefined;

  get size(): number {
    return this.#endings.size;
  }

  has(agent: AgentIndex): boolean {
    return this.#endings.has(agent);
  }

  /** One that begins when all were asked or forced to end already is so from its start. */
  add(agent: AgentIndex): WorkingAgent {
    const ending = { ask: new AbortController(), force: new AbortController() };
    this.#endings.set(agent, ending);
    if (this.#askedFor) ending.ask.abort(this.#askedFor);
    if (this.#forcedFor) ending.force.abort(this.#forcedFor);
    return { stopping: ending.ask.signal, signal: ending.force.signal };
  }

  delete(agent: AgentIndex): void {
    this.#endings.delete(agent);
  }

  ask(agent: AgentIndex, reason: AppError): void {
    this.#endings.get(agent)?.ask.abort(reason);
  }

  force(agent: AgentIndex, reason: AppError): void {
    this.#endings.get(agent)?.force.abort(reason);
  }

  askAll(reason: AppError): void {
    this.#askedFor ??= reason;
    for (const { ask } of this.#endings.values()) ask.abort(reason);
  }

  forceAll(reason: AppError): void {
    this.#forcedFor ??= reason;
    for (const { force } of this.#endings.values()) force.abort(reason);
  }
}
