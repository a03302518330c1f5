import type { AgentsStore } from './agents-store.ts';

/** What agents can be put in order by. */
export const SORT_KEYS = ['agent', 'state', 'doing', 'turns', 'toolCalls', 'tokens', 'cost', 'elapsed'] as const;
/** One of `SORT_KEYS`; `agent` is the order of the fleet's file. */
export type SortKey = (typeof SORT_KEYS)[number];

/** How the agents are wanted. */
export interface Arrangement {
  readonly sort: SortKey;
  readonly isDescending: boolean;
  /** Part of the name, the model or what it does, in any letters; empty: all. */
  readonly text: string;
  /** Codes of states; empty: all. */
  readonly states: readonly number[];
  readonly groupBy: 'none' | 'state' | 'name';
}

/** The order that is wanted: by group, then by the key, then as the fleet's file has them. Never 0 for two agents. */
export function comparator(store: AgentsStore, wish: Arrangement, nowMs: number): (a: number, b: number) => number {
  const byKey = compareKey(store, wish.sort, nowMs);
  const sign = wish.isDescending ? -1 : 1;
  const within = (a: number, b: number): number => sign * byKey(a, b) || a - b;
  if (wish.groupBy === 'none') return within;
  const group = wish.groupBy === 'state' ? store.state : store.nameGroup;
  return (a, b) => group[a]! - group[b]! || within(a, b);
}

function compareKey(store: AgentsStore, key: SortKey, nowMs: number): (a: number, b: number) => number {
  if (key === 'agent') return (a, b) => a - b;
  if (key === 'state') return (a, b) => store.state[a]! - store.state[b]!;
  if (key === 'doing') return (a, b) => compareText(store.details[a]!, store.details[b]!);
  const valueOf = keyOf(store, key, nowMs);
  return (a, b) => valueOf(a) - valueOf(b);
}

/** The number an agent is put in order by. */
export function keyOf(store: AgentsStore, key: SortKey, nowMs: number): (agent: number) => number {
  const { turns, toolCalls, inputTokens, outputTokens, costUsd } = store.numbers;
  if (key === 'turns') return (agent) => turns[agent]!;
  if (key === 'toolCalls') return (agent) => toolCalls[agent]!;
  if (key === 'tokens') return (agent) => inputTokens[agent]! + outputTokens[agent]!;
  // A cost that is not known stands below all that are.
  if (key === 'cost') return (agent) => (Number.isNaN(costUsd[agent]!) ? -1 : costUsd[agent]!);
  return (agent) => store.elapsedMs(agent, nowMs);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
