import { AGENT_STATES } from '../../shared/model/states.ts';

/** What one run knows of its agents, a column each, in plan order; 110 bytes an agent beside its texts. */
export interface AgentColumns {
  /** Places in `AGENT_STATES`. */
  readonly state: Uint8Array;
  /** Places in `AGENT_WISHES`. */
  readonly wish: Uint8Array;
  readonly sinceMs: Float64Array;
  readonly startedAtMs: Float64Array;
  readonly endedAtMs: Float64Array;
  readonly untilMs: Float64Array;
  readonly busyMs: Float64Array;
  readonly turns: Uint32Array;
  readonly toolCalls: Uint32Array;
  readonly toolCallsFailed: Uint32Array;
  readonly retries: Uint32Array;
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  readonly costUsd: Float64Array;
  /** The table's version when the row last changed; 53 bits, so that no run lives long enough to use them up. */
  readonly changedIn: Float64Array;
  /** A reason, or the name of a tool. */
  readonly doing: string[];
  /** The arguments of that tool; kept as the model wrote them and cut only for a reader. */
  readonly doingTo: (string | undefined)[];
}

/** The code of the state every agent begins in. */
export const QUEUED = AGENT_STATES.indexOf('queued');

/** Columns of `size` agents that wait for their slot since `sinceMs`. */
export function createAgentColumns(size: number, sinceMs: number, doing: string): AgentColumns {
  return {
    state: new Uint8Array(size).fill(QUEUED),
    wish: new Uint8Array(size),
    sinceMs: new Float64Array(size).fill(sinceMs),
    startedAtMs: new Float64Array(size),
    endedAtMs: new Float64Array(size),
    untilMs: new Float64Array(size),
    busyMs: new Float64Array(size),
    turns: new Uint32Array(size),
    toolCalls: new Uint32Array(size),
    toolCallsFailed: new Uint32Array(size),
    retries: new Uint32Array(size),
    inputTokens: new Float64Array(size),
    outputTokens: new Float64Array(size),
    costUsd: new Float64Array(size),
    changedIn: new Float64Array(size),
    doing: Array.from({ length: size }, () => doing),
    doingTo: Array.from({ length: size }, () => undefined),
  };
}
