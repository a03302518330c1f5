import { AppError } from '../../../shared/errors/app-error.ts';
import type { AgentIndex } from '../../../shared/model/ids.ts';
import type { AgentKind } from '../../../shared/model/states.ts';

/** Why an agent is paused that the operator holds back by itself. */
const AGENT_PAUSED = 'Paused by the operator.';

/** Why an agent waits whose kind is switched off. */
function toKindReason(kind: AgentKind): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} agents are switched off.`;
}

/** What holds a run's agents up between their turns: a pause of the run or of one of them, a switch, or the end. */
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
  /** Holds agents of these kinds at their next checkpoint, and lets those of others go on that nothing else holds. */
  switchOff(kinds: ReadonlySet<AgentKind>): void;
  /** Why an agent is held up by itself or with its kind, whatever becomes of the run's pause. */
  reasonOf(agent: AgentIndex): string | undefined;
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
  /** Why it waits, as it was last told. */
  reason: string;
}

/** What the checkpoint of a run is made from. */
export interface RunHoldParts {
  /** Called after each agent that begins to wait. */
  readonly onWaiting: () => void;
  /** The kind of an agent; `undefined` when it has ended. */
  readonly kindOf: (agent: AgentIndex) => AgentKind | undefined;
}

/** The checkpoint of one run. */
export function createRunHold(parts: RunHoldParts): RunHold {
  return new Checkpoint(parts);
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
  readonly #parts: RunHoldParts;
  readonly #pausedAgents = new Set<AgentIndex>();
  readonly #stoppedAgents = new Set<AgentIndex>();
  #kindsOff: ReadonlySet<AgentKind> = new Set();
  #waiters: Waiter[] = [];

  constructor(parts: RunHoldParts) {
    this.#parts = parts;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  pause(reason: string): void {
    this.pausedFor ??= reason;
  }

  resume(): void {
    this.pausedFor = undefined;
    this.#reconsider();
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
    this.#reconsider();
  }

  switchOff(kinds: ReadonlySet<AgentKind>): void {
    this.#kindsOff = kinds;
    this.#reconsider();
  }

  reasonOf(agent: AgentIndex): string | undefined {
    if (this.#pausedAgents.has(agent)) return AGENT_PAUSED;
    if (this.#kindsOff.size === 0) return undefined;
    const kind = this.#parts.kindOf(agent);
    return kind !== undefined && this.#kindsOff.has(kind) ? toKindReason(kind) : undefined;
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
    const reason = this.pausedFor ?? this.reasonOf(agent);
    if (reason === undefined) return undefined;
    const done = Promise.withResolvers<void>();
    this.#waiters.push({ agent, onPause, done, reason });
    onPause(reason);
    this.#parts.onWaiting();
    return done.promise;
  }

  /** Lets those go on that nothing holds any more, and tells the others what they wait for now. */
  #reconsider(): void {
    const isFree = ({ agent }: Waiter): boolean => (this.pausedFor ?? this.reasonOf(agent)) === undefined;
    this.#settle(isFree, ({ done }) => done.resolve());
    for (const waiter of this.#waiters) {
      const reason = this.pausedFor ?? this.reasonOf(waiter.agent);
      if (reason === undefined || reason === waiter.reason) continue;
      waiter.reason = reason;
      waiter.onPause(reason);
    }
  }

  #settle(isMeant: (waiter: Waiter) => boolean, settle: (waiter: Waiter) => void): void {
    const waiters = this.#waiters;
    this.#waiters = waiters.filter((waiter) => !isMeant(waiter));
    for (const waiter of waiters) if (isMeant(waiter)) settle(waiter);
  }
}
