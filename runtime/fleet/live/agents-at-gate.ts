import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { AgentIndex } from '../../../shared/model/ids.ts';
import type { RunHold } from './run-hold.ts';
import type { RunStart } from './run-start.ts';
import type { WorkingAgents } from './working-agents.ts';

/** Agents that are told of, or let go, before the event loop comes round and history has room again. */
const BATCH = 500;

/** The run whose agents are held back at the gate. */
export interface AgentsAtGateParts {
  readonly start: RunStart;
  readonly sink: EventSink;
  readonly hold: RunHold;
  readonly working: WorkingAgents;
  /** Agents that have not ended. */
  readonly open: { readonly has: (agent: AgentIndex) => boolean; readonly keys: () => Iterable<AgentIndex> };
}

/**
 * Holds back at the gate those agents of a run that wait for their slots and may not start, and says of each why; those that
 * have their slots wait at the run's checkpoint.
 */
export class AgentsAtGate {
  readonly #parts: AgentsAtGateParts;
  readonly #held = new Set<AgentIndex>();
  /** What was said of an agent last: why it waits. */
  readonly #told = new Map<AgentIndex, string>();
  /** Agents are announced in ascending order; before that nothing may be said of them. */
  #announcedTo: AgentIndex = -1;
  /** Owners that are to be forgotten by the gate since their agents have ended. */
  #ended: string[] = [];
  #isGoingRound = false;
  #mustGoAgain = false;

  constructor(parts: AgentsAtGateParts) {
    this.#parts = parts;
  }

  /** Takes up that one agent may start or may not any more. */
  reconsider(agent: AgentIndex): void {
    if (this.#mayNotStart(agent)) this.#holdBack([agent]);
    this.#tell(agent);
    this.#letGo([agent]);
  }

  /** As `reconsider`, of all: none that may not begins any more from now on; those that may begin go a few at a time. */
  reconsiderAll(): void {
    this.#holdBack([...this.#parts.open.keys()].filter((agent) => this.#mayNotStart(agent)));
    // History that takes nothing more is told of by others; the run goes on, or ends, without it.
    this.#goRound().catch(() => undefined);
  }

  /** To be called when history knows the agent: one that was held back before is said to be now. */
  noteAnnounced(agent: AgentIndex): void {
    this.#announcedTo = agent;
    this.#tell(agent);
  }

  /** To be called when the agent has ended. */
  noteEnded(agent: AgentIndex): void {
    this.#told.delete(agent);
    if (!this.#held.delete(agent)) return;
    // All of a run at once when it is stopped: the gate looks through its owners for each time it is told.
    if (this.#ended.push(this.#ownerOf(agent)) > 1) return;
    queueMicrotask(() => {
      this.#parts.start.context.gate.resume(this.#ended);
      this.#ended = [];
    });
  }

  #mayNotStart(agent: AgentIndex): boolean {
    const { hold, working, open } = this.#parts;
    return open.has(agent) && !working.has(agent) && hold.reasonOf(agent) !== undefined;
  }

  #holdBack(agents: readonly AgentIndex[]): void {
    const added = agents.filter((agent) => !this.#held.has(agent));
    if (added.length === 0) return;
    for (const agent of added) this.#held.add(agent);
    this.#parts.start.context.gate.pause(added.map((agent) => this.#ownerOf(agent)));
  }

  /** Lets those start that may. */
  #letGo(agents: readonly AgentIndex[]): void {
    const freed = agents.filter((agent) => this.#held.has(agent) && !this.#mayNotStart(agent));
    if (freed.length === 0) return;
    for (const agent of freed) this.#held.delete(agent);
    this.#parts.start.context.gate.resume(freed.map((agent) => this.#ownerOf(agent)));
  }

  async #goRound(): Promise<void> {
    this.#mustGoAgain = true;
    if (this.#isGoingRound) return;
    this.#isGoingRound = true;
    try {
      while (this.#mustGoAgain) {
        this.#mustGoAgain = false;
        const agents = [...this.#parts.open.keys()];
        for (let first = 0; first < agents.length; first += BATCH) {
          await this.#parts.sink.room();
          await this.#parts.start.context.slices.pass();
          const batch = agents.slice(first, first + BATCH);
          for (const agent of batch) this.#tell(agent);
          this.#letGo(batch);
        }
      }
    } finally {
      this.#isGoingRound = false;
    }
  }

  /** Before it is let go, so that what it does itself is said after this. */
  #tell(agent: AgentIndex): void {
    if (agent > this.#announcedTo || !this.#parts.open.has(agent)) return;
    const reason = this.#mayNotStart(agent) ? this.#parts.hold.reasonOf(agent) : undefined;
    if (reason === this.#told.get(agent)) return;
    if (reason === undefined) this.#told.delete(agent);
    else this.#told.set(agent, reason);
    const { start, sink } = this.#parts;
    const { runId, context } = start;
    const state = reason === undefined ? 'queued' : 'paused';
    sink.emit({ type: 'agent.changed', runId, atMs: context.clock.nowMs(), agent, state, reason });
  }

  #ownerOf(agent: AgentIndex): string {
    return `${this.#parts.start.runId}/${agent}`;
  }
}
