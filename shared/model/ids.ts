/** A run's id: a ULID (26 characters, sorts by time of launch). */
export type RunId = string;

/** An agent's place in its run, from 0 in the order of the fleet file; stable over a resume. */
export type AgentIndex = number;

/**
 * A tool call's name inside its run: `<agent index>-<n>`, `n` counting the agent's calls from 1.
 *
 * It is given out before the call crosses the gate and is what the tool's own ledger writes, so
 * that a call that is dropped or run twice on the way can be told from outside.
 */
export type CallId = string;

/** The call id of an agent's `n`th call. */
export function toCallId(agent: AgentIndex, n: number): CallId {
  return `${agent}-${n}`;
}

/** The inverse of `toCallId`; `undefined` when `text` is not a call id. */
export function parseCallId(text: string): { agent: AgentIndex; n: number } | undefined {
  const match = /^(\d{1,9})-(\d{1,12})$/.exec(text);
  return match ? { agent: Number(match[1]), n: Number(match[2]) } : undefined;
}
