import { AGENT_STATES, isFinalAgentState } from '../../../../shared/model/states.ts';

/** What a live run had done when it had been at work for so long. */
export interface Sample {
  /** Time at work, so that a pause, or the time before a resume, is no time in which nothing was done. */
  readonly tookMs: number;
  /** Turns, and agents that ended: what an agent that takes five turns does is six steps. */
  readonly steps: number;
  /** Agents at work. */
  readonly running: number;
}

/** The agents, as far as the time that is left depends on them. */
export interface AgentSteps {
  /** Agents that are there. */
  readonly size: number;
  /** Codes of their states. */
  readonly state: ArrayLike<number>;
  readonly numbers: { readonly turns: ArrayLike<number> };
}

/** How long a run will go on. */
export interface TimeLeft {
  readonly ms: number;
  /** `true`: no agent has ended yet, so that this is what is left if each takes all the turns it may. */
  readonly isBound: boolean;
}

/** The rate is taken of this long a past: longer hides that a run slowed down, shorter trembles. */
const WINDOW_MS = 60_000;
/** A run so slow that less is done in the window is judged by up to this long a past; one that does less stands still. */
const KEPT_MS = 600_000;
const MIN_SPAN_MS = 5_000;
/** Fewer steps tell nothing of the next ones. */
const MIN_STEPS = 3;

const BEGIN: Sample = { tookMs: 0, steps: 0, running: 0 };
const IS_FINAL = AGENT_STATES.map(isFinalAgentState);
/** Ended by themselves: an agent that was cut short does not tell how many turns one takes. */
const IS_WHOLE = AGENT_STATES.map((state) => state === 'done' || state === 'limit reached' || state === 'failed');

/**
 * Adds a sample. The first one stands beside the beginning of the run, at which nothing was done: a page that is opened late,
 * or again, knows the rate at once; that beginning is forgotten as soon as the samples tell of a window themselves. A sample
 * that goes back in time or in steps (agents of a resumed run that begin anew) begins anew.
 */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const before = samples.filter(({ tookMs, steps }) => tookMs < sample.tookMs && steps <= sample.steps);
  if (before.length === 0) return [BEGIN, sample];
  const second = before[1];
  const isTold = second !== undefined && sample.tookMs - second.tookMs >= WINDOW_MS;
  const kept = before.filter((one) => (one === BEGIN ? !isTold : one.tookMs > sample.tookMs - KEPT_MS));
  return [...kept, sample];
}

/**
 * The time until the last of `agents` has ended, at the rate of the samples; `undefined` where there is nothing to judge by.
 *
 * Each agent that has not ended has as many steps left as those that ended took on average, without the turns it has made,
 * and one at least. While none has ended, it is bounded by the turns an agent may take. All steps that are left take
 * what they take at the rate at which the run makes steps; but the run lasts no less than the agent with the most steps left,
 * at the pace of a single agent: so the end, where fewer agents than the width are at work, is not taken for quick.
 */
export function estimateLeft(
  samples: readonly Sample[],
  { agents, turnsPerAgent }: { readonly agents: number; readonly turnsPerAgent: number | undefined },
  known: AgentSteps | undefined,
): TimeLeft | undefined {
  const rate = findRate(samples);
  if (!rate || !known) return undefined;
  const mean = toMeanSteps(known);
  const whole = mean ?? (turnsPerAgent === undefined ? undefined : turnsPerAgent + 1);
  if (whole === undefined) return undefined;
  const { all, longest } = sumLeft(known, agents, whole);
  if (all === 0) return undefined;
  const ms = Math.max(all / rate.stepsPerMs, (longest * rate.running) / rate.stepsPerMs);
  return { ms, isBound: mean === undefined };
}

/** Steps by time, and how many agents made them; of the shortest past of a window at least that tells of enough steps. */
function findRate(samples: readonly Sample[]): { readonly stepsPerMs: number; readonly running: number } | undefined {
  const last = samples.at(-1);
  if (!last) return undefined;
  const tells = (from: Sample, spanMs: number): boolean =>
    last.tookMs - from.tookMs >= spanMs && last.steps - from.steps >= MIN_STEPS;
  const at = samples.findLastIndex((from) => tells(from, WINDOW_MS));
  const from = samples[Math.max(0, at)]!;
  if (!tells(from, MIN_SPAN_MS)) return undefined;
  const atWork = samples.slice(Math.max(0, at)).filter((sample) => sample !== BEGIN);
  const running = atWork.reduce((sum, sample) => sum + sample.running, 0) / atWork.length;
  return { stepsPerMs: (last.steps - from.steps) / (last.tookMs - from.tookMs), running };
}

function toMeanSteps({ size, state, numbers: { turns } }: AgentSteps): number | undefined {
  let ended = 0;
  let steps = 0;
  for (let agent = 0; agent < size; agent++) {
    if (!IS_WHOLE[state[agent]!]) continue;
    ended++;
    steps += turns[agent]! + 1;
  }
  return ended === 0 ? undefined : steps / ended;
}

/** Steps that are left: of all agents, and of the one that has the most left. */
function sumLeft(
  { size, state, numbers: { turns } }: AgentSteps,
  agents: number,
  whole: number,
): { readonly all: number; readonly longest: number } {
  // Agents that are not there yet have not begun.
  const missing = Math.max(0, agents - size);
  let all = missing * whole;
  let longest = missing > 0 ? whole : 0;
  for (let agent = 0; agent < size; agent++) {
    if (IS_FINAL[state[agent]!]) continue;
    const left = Math.max(1, whole - turns[agent]!);
    all += left;
    if (left > longest) longest = left;
  }
  return { all, longest };
}
