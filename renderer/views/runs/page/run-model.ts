import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import type { RunProgress } from '../../../../shared/model/run-summary.ts';
import { AGENT_STATES, type AgentState, isFinalAgentState, type RunState } from '../../../../shared/model/states.ts';
import type { Share } from '../../../charts/share-bar.tsx';
import { toCounted, toTokens, toTokenWords, toUsd } from '../../../ui/format.ts';

/** The agents by where they stand, as far as they are told. */
export interface AgentCounts {
  /** By the code of their state. */
  readonly countByState: ArrayLike<number>;
}

/**
 * The progress as of the newest change of an agent, which is heard of before the run's own progress is asked for again.
 *
 * As it is while the agents are still on their way, and when the run has ended.
 */
export function toLiveProgress(run: RunProgress, isLive: boolean, agents: AgentCounts | undefined): RunProgress {
  if (!isLive || !agents) return run;
  const counts = Array.from(agents.countByState);
  if (counts.reduce((sum, count) => sum + count, 0) !== run.agents) return run;
  const countOf = (isCounted: (state: AgentState) => boolean): number =>
    counts.reduce((sum, count, code) => (isCounted(AGENT_STATES[code]!) ? sum + count : sum), 0);
  return {
    ...run,
    agentsDone: countOf(isFinalAgentState),
    agentsFailed: countOf((state) => state === 'failed'),
    agentsAtLimit: countOf((state) => state === 'limit reached'),
    agentsCutShort: countOf((state) => state === 'stopped' || state === 'interrupted'),
    agentsRunning: countOf((state) => state !== 'queued' && !isFinalAgentState(state)),
  };
}

/** Agents that ended by themselves: whatever became of them, they were not cut short. */
export function countWhole({ agentsDone, agentsCutShort }: Pick<RunProgress, 'agentsDone' | 'agentsCutShort'>): number {
  return Math.max(0, agentsDone - agentsCutShort);
}

/** What the agents were that a run in this state cut short. */
export function toCutShortWord(state: RunState): 'interrupted' | 'stopped' {
  return state === 'interrupted' ? 'interrupted' : 'stopped';
}

/** Parts of the bar: done well, at a limit, failed, cut short, at work. */
export function toProgressShares(run: RunProgress): readonly Share[] {
  const { agents, agentsFailed, agentsAtLimit, agentsCutShort, agentsRunning } = run;
  if (agents === 0) return [];
  const well = Math.max(0, countWhole(run) - agentsFailed - agentsAtLimit);
  return [
    { name: 'done', ratio: well / agents, tone: 'ok' },
    { name: 'at a limit', ratio: agentsAtLimit / agents, tone: 'warn' },
    { name: 'failed', ratio: agentsFailed / agents, tone: 'bad' },
    { name: toCutShortWord(run.state), ratio: agentsCutShort / agents, tone: 'idle' },
    { name: 'at work', ratio: agentsRunning / agents, tone: 'accent' },
  ];
}

/** `$0.84 of $5.00 · 1.21 M tokens`; `$0.84+` where the price of some turns is not known. */
export function toSpentWords({ run, budget }: Pick<RunView, 'run' | 'budget'>): string {
  const of = budget.usd === undefined ? '' : ` of ${toUsd(budget.usd)}`;
  const unpriced = run.unpricedTurns > 0 ? '+' : '';
  const tokens = run.inputTokens + run.outputTokens;
  const spent =
    budget.tokens === undefined ? toTokenWords(tokens) : `${toTokens(tokens)} of ${toTokenWords(budget.tokens)}`;
  return `${toUsd(run.costUsd)}${unpriced}${of} · ${spent}`;
}

/** What the sum of the cost leaves out; `undefined` when nothing. */
export function toUnpricedWords({ unpricedTurns }: Pick<RunProgress, 'unpricedTurns'>): string | undefined {
  if (unpricedTurns === 0) return undefined;
  return `${toCounted(unpricedTurns, 'turn')} unpriced: their cost is not in the sum`;
}

/** What can be done with a run in its state. */
export interface Possible {
  readonly canPause: boolean;
  readonly canResume: boolean;
  readonly canStop: boolean;
  /** Continue what a stop or a crash left. */
  readonly canContinue: boolean;
  readonly canRetryFailed: boolean;
}

/** What can be done with `run`; nothing live with one that has ended. `isLeft`: an agent of it would run again. */
export function toPossible(run: Pick<RunProgress, 'state' | 'agentsFailed'>, isLive: boolean, isLeft = true): Possible {
  const { state } = run;
  const hasEnded = !isLive;
  return {
    canPause: isLive && (state === 'running' || state === 'queued'),
    canResume: isLive && state === 'paused',
    canStop: isLive && state !== 'stopping',
    canContinue: hasEnded && isLeft && (state === 'interrupted' || state === 'stopped' || state === 'failed'),
    canRetryFailed: hasEnded && run.agentsFailed > 0,
  };
}

/** Which part of the budget holds a paused run; `undefined` when it was paused by a person. */
export function findSpentBudget({ run, budget }: Pick<RunView, 'run' | 'budget'>): 'usd' | 'tokens' | undefined {
  if (run.state !== 'paused') return undefined;
  if (budget.usd !== undefined && run.costUsd >= budget.usd) return 'usd';
  return budget.tokens !== undefined && run.inputTokens + run.outputTokens >= budget.tokens ? 'tokens' : undefined;
}
