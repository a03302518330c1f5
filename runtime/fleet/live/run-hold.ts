import { AppError } from '../../../shared/errors/app-error.ts';
import type { AgentIndex } from '../../../shared/model/ids.ts';

/** Why an agent is paused that the operator holds back by itself. */
export const AGENT_PAUSED = 'Paused by the operator.';

/** What holds a run's agents up between their turns: a pause of the run or of one of them, or the end. */
export interface RunHold {
  readonly pausedFor: string | undefined;
  readonly stopping: boolean;
  /** Agents that wait at the checkpoint now. */
  readonly waiting: number;
  pause(reason: string): void;
  /** Lets those go on that are not paused by themselves. */
  resume(): void;
  /** Whoever passes or waits at the checkpoint from now on is cancelled. */
  stop(): void;
  isAgentPaused(agent: AgentIndex): boolean;
  /** Holds one agent at its next checkpoint, whatever becomes of the run's pause. */
  pauseAgent(agent: AgentIndex): void;
  /** Lets it go on unless the run is paused. */
  resumeAgent(agent: AgentIndex): void;
  isStopping(agent: AgentIndex): boolean;
  /** `stop` for one agent. */
  stopAgent(agent: AgentIndex): void;
  /** Forgets what was said of an agent that has ended. */
  forget(agent: AgentIndex): void;
  /** See `RunControl.checkpoint`; `onPause` is called again when the reason changes while it waits. */
  pass(agent: AgentIndex, onPause: (reason: string) => void): Promise<void> | undefined;
}

interface Waiter {
  readonly agent: AgentIndex;
  readonly onPause: (reason: string) => void;
  readonly done: PromiseWithResolvers<void>;
}

/** The checkpoint of one run. `onWaiting` is called after each agent that begins to wait. */
export function createRunHold(onWaiting: () => void): RunHold {
  return new Checkpoint(onWaiting);
}

/** The reason whatever is cancelled for the end of the run carries. */
export function createStopError(): AppError {
  return new AppError('TASK_CANCELLED', 'The run is stopping.');
}

/** The reason whatever is cancelled for the end of one agent carries. */
export function createAgentStopError(): AppError {
  return new AppError('TASK_CANCELLED', 'The agent is stopping.');
}

class Checkpoint implements RunHold {
  pausedFor: string | undefined;
  stopping = false;
  readonly #onWaiting: () => void;
  readonly #pausedAgents = new Set<AgentIndex>();
  readonly #stoppedAgents = new Set<AgentIndex>();
  #waiters: Waiter[] = [];

  constructor(onWaiting: () => void) {
    this.#onWaiting = onWaiting;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  pause(reason: string): void {
    this.pausedFor ??= reason;
  }

  resume(): void {
    this.pausedFor = undefined;
    this.#settle(
      ({ agent }) => !this.#pausedAgents.has(agent),
      ({ done }) => done.resolve(),
    );
    for (const { onPause } of this.#waiters) onPause(AGENT_PAUSED);
  }

  stop(): void {
    this.stopping = true;
    this.#settle(
      () => true,
      ({ done }) => done.reject(createStopError()),
    );
  }

  isAgentPaused(agent: AgentIndex): boolean {
    return this.#pausedAgents.has(agent);
  }

  pauseAgent(agent: AgentIndex): void {
    this.#pausedAgents.add(agent);
  }

  resumeAgent(agent: AgentIndex): void {
    this.#pausedAgents.delete(agent);
    const { pausedFor } = this;
    if (pausedFor === undefined) {
      this.#settle(
        (waiter) => waiter.agent === agent,
        ({ done }) => done.resolve(),
      );
    } else for (const waiter of this.#waiters) if (waiter.agent === agent) waiter.onPause(pausedFor);
  }

  isStopping(agent: AgentIndex): boolean {
    return this.stopping || this.#stoppedAgents.has(agent);
  }

  stopAgent(agent: AgentIndex): void {
    this.#stoppedAgents.add(agent);
    this.#settle(
      (waiter) => waiter.agent === agent,
      ({ done }) => done.reject(createAgentStopError()),
    );
  }

  forget(agent: AgentIndex): void {
    this.#pausedAgents.delete(agent);
    this.#stoppedAgents.delete(agent);
  }

  pass(agent: AgentIndex, onPause: (reason: string) => void): Promise<void> | undefined {
    if (this.stopping) return Promise.reject(createStopError());
    if (this.#stoppedAgents.has(agent)) return Promise.reject(createAgentStopError());
    const reason = this.pausedFor ?? (this.#pausedAgents.has(agent) ? AGENT_PAUSED : undefined);
    if (reason === undefined) return undefined;
    const done = Promise.withResolvers<void>();
    this.#waiters.push({ agent, onPause, done });
    onPause(reason);
    this.#onWaiting();
    return done.promise;
  }

  #settle(isMeant: (waiter: Waiter) => boolean, settle: (waiter: Waiter) => void): void {
    const waiters = this.#waiters;
    this.#waiters = waiters.filter((waiter) => !isMeant(waiter));
    for (const waiter of waiters) if (isMeant(waiter)) settle(waiter);
  }
}
