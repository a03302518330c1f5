import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import type { RunProgress } from '../../../../shared/model/run-summary.ts';
import { AGENT_STATES, type AgentState, isFinalAgentState } from '../../../../shared/model/states.ts';
import type { Share } from '../../../charts/share-bar.tsx';
import { toCount, toTokens, toUsd } from '../../../ui/format.ts';

/** How many agents were done at one moment. */
export interface Sample {
  readonly atMs: number;
  readonly done: number;
}

/** What is left is judged by this long a past: longer hides that a run slowed down, shorter trembles. */
const WINDOW_MS = 60_000;
const MIN_SPAN_MS = 5_000;
/** Fewer finished agents tell nothing of the next ones. */
const MIN_DONE = 3;

/** Adds a sample and forgets those before the window. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples.filter(({ atMs }) => atMs > sample.atMs - WINDOW_MS && atMs < sample.atMs), sample];
}

/** Time until all of `agents` are done at the rate of the samples; `undefined` while they do not tell. */
export function estimateLeftMs(samples: readonly Sample[], agents: number): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last) return undefined;
  const spanMs = last.atMs - first.atMs;
  const done = last.done - first.done;
  if (spanMs < MIN_SPAN_MS || done < MIN_DONE) return undefined;
  return ((agents - last.done) * spanMs) / done;
}

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
    agentsRunning: countOf((state) => state !== 'queued' && !isFinalAgentState(state)),
  };
}

/** Agents that ended without their work being done: stopped, or cut off by the end of the program. */
export function countCutShort(agents: AgentCounts | undefined): number {
  if (!agents) return 0;
  const countOf = (state: AgentState): number => agents.countByState[AGENT_STATES.indexOf(state)] ?? 0;
  return countOf('stopped') + countOf('interrupted');
}

/** Parts of the bar: done well, at a limit, failed, cut short, at work. */
export function toProgressShares(run: RunProgress, cutShort = 0): readonly Share[] {
  const { agents, agentsDone, agentsFailed, agentsAtLimit, agentsRunning } = run;
  if (agents === 0) return [];
  const well = Math.max(0, agentsDone - agentsFailed - agentsAtLimit - cutShort);
  return [
    { name: 'done', ratio: well / agents, tone: 'ok' },
    { name: 'at a limit', ratio: agentsAtLimit / agents, tone: 'warn' },
    { name: 'failed', ratio: agentsFailed / agents, tone: 'bad' },
    { name: 'stopped', ratio: cutShort / agents, tone: 'idle' },
    { name: 'at work', ratio: agentsRunning / agents, tone: 'accent' },
  ];
}

/** `$0.84 of $5.00 · 1.21 M tokens`. */
export function toSpentWords({ run, budget }: Pick<RunView, 'run' | 'budget'>): string {
  const of = budget.usd === undefined ? '' : ` of ${toUsd(budget.usd)}`;
  const unpriced = run.unpricedTurns > 0 ? ` (${toCount(run.unpricedTurns)} turns unpriced)` : '';
  const ofTokens = budget.tokens === undefined ? '' : ` of ${toTokens(budget.tokens)}`;
  return `${toUsd(run.costUsd)}${of}${unpriced} · ${toTokens(run.inputTokens + run.outputTokens)}${ofTokens} tokens`;
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
