import type { AgentIndex } from '../../../shared/model/ids.ts';

/** Characters of a running program's output that are kept for whoever looks: about two hundred lines. */
const MAX_TAIL_CHARS = 8_000;

/** What a running program has printed lately. */
export interface OutputTail {
  /** The end of it. */
  readonly text: string;
  /** All it printed so far, as far as the runtime takes output in. */
  readonly chars: number;
  /** When the first of it came, wall clock. */
  readonly sinceMs: number;
}

/** Called with the agent whose program has printed something; must not throw and must not take long. */
export type OutputListener = (agent: AgentIndex) => void;

/** What the programs of a run print while they run. */
export interface ProgramOutput {
  /** `undefined` before it has printed anything and after its end: then it is the agent's answer. */
  of(agent: AgentIndex): OutputTail | undefined;
  /** Calls the listener at each piece of output, until disposed of. */
  watch(listener: OutputListener): Disposable;
}

/** Keeps the end of what each running program printed; nothing of it is recorded, since the whole is at the end. */
export class ProgramTails implements ProgramOutput {
  readonly #tails = new Map<AgentIndex, OutputTail>();
  readonly #listeners = new Set<OutputListener>();

  of(agent: AgentIndex): OutputTail | undefined {
    return this.#tails.get(agent);
  }

  watch(listener: OutputListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  add(agent: AgentIndex, piece: string, nowMs: number): void {
    const { text = '', chars = 0, sinceMs = nowMs } = this.#tails.get(agent) ?? {};
    const tail = `${text}${piece}`.slice(-MAX_TAIL_CHARS).toWellFormed();
    this.#tails.set(agent, { text: tail, chars: chars + piece.length, sinceMs });
    for (const listener of this.#listeners) listener(agent);
  }

  /** To be called when the program has ended. */
  forget(agent: AgentIndex): void {
    this.#tails.delete(agent);
  }
}
