import type { Usage } from '../../../shared/model/conversation.ts';
import type { RunProgress } from '../../../shared/model/run-summary.ts';
import type { AgentState } from '../../../shared/model/states.ts';

/** What one agent has done and used. */
export interface AgentTally {
  turns: number;
  toolCalls: number;
  toolCallsFailed: number;
  retries: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
  /** Turns whose price is not known. */
  unpricedTurns: number;
}

/** The part of a run's progress that only counts up. */
export type RunTally = AgentTally & {
  -readonly [Key in 'agentsDone' | 'agentsFailed' | 'agentsAtLimit' | 'agentsCutShort']: RunProgress[Key];
};

/** The tally of an agent that has done nothing yet, or of what it had done before a resume. */
export function createAgentTally(earlier: Partial<AgentTally> = {}): AgentTally {
  return {
    turns: 0,
    toolCalls: 0,
    toolCallsFailed: 0,
    retries: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    unpricedTurns: 0,
    ...earlier,
  };
}

/** The tally of a run that has just begun. */
export function createRunTally(): RunTally {
  return { ...createAgentTally(), agentsDone: 0, agentsFailed: 0, agentsAtLimit: 0, agentsCutShort: 0 };
}

/** Adds what one turn used. A turn without a known price is counted, never taken for free. */
export function countUsage(tally: AgentTally, usage: Usage | undefined, costUsd: number | undefined): void {
  tally.inputTokens += usage?.inputTokens ?? 0;
  tally.outputTokens += usage?.outputTokens ?? 0;
  if (costUsd === undefined) tally.unpricedTurns += 1;
  else tally.costUsd += costUsd;
}

/** Adds one agent that has ended in this state. */
export function countEndState(tally: RunTally, state: AgentState): void {
  tally.agentsDone += 1;
  if (state === 'failed') tally.agentsFailed += 1;
  if (state === 'limit reached') tally.agentsAtLimit += 1;
  if (state === 'stopped' || state === 'interrupted') tally.agentsCutShort += 1;
}

/** Adds all of one tally to another. */
export function addTally(to: AgentTally, from: AgentTally): void {
  for (const key of Object.keys(from) as (keyof AgentTally)[]) if (key in to) to[key] += from[key];
}
