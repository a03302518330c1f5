import { toYoungStep, YOUNG_STEPS_BYTES } from '../heap/generations.ts';
import type { GcFigures } from './gc-window.ts';
import type { TunerOptions } from './tuner-options.ts';
import { sayDoubted, sayFigures, sayHold, sayMove, sayTooFew } from './tuner-words.ts';

/** How a size did. */
interface Trial {
  readonly atMs: number;
  /** How far it is from its aims: 1 when both are just reached, 2 when the worse of them is missed by its double. */
  readonly cost: number;
  /** How often it was measured, up to 4; its cost is the (geometric) mean. */
  readonly looks: number;
  /** Whether it was quite another the last time, which is only believed when it is so again. */
  readonly isDoubted: boolean;
  readonly figures: GcFigures;
}

/** What the tuner knows. Plain data; `decide` answers the next one. */
export interface TunerState {
  /** Place in `YOUNG_STEPS_BYTES` of the size that holds now. */
  readonly step: number;
  /** The size before the last move; `undefined` when it was not the tuner's. */
  readonly cameFrom: number | undefined;
  readonly trials: ReadonlyMap<number, Trial>;
}

/** What is to be done, and why, in a sentence for a person. */
export type TunerDecision =
  | { readonly kind: 'hold'; readonly why: string }
  | { readonly kind: 'move'; readonly fromBytes: number; readonly toBytes: number; readonly why: string };

/** A size this little off its aims is left as it is: the next look may find it on the other side. */
const NEAR_ENOUGH_COST = 1.1;
/** Where both aims are reached half the size is tried, and kept when it reaches them too. */
const SPARE_COST = 1;
/** A move must have brought the cost below this part of what it was, or it is taken back. */
const WORTH_RATIO = 0.95;
/** The load has changed when the same size costs so many times more or less than it did; within that it is noise. */
const LOAD_CHANGED = 2.5;
/** Earlier looks at a size count as so many at most, so that a load that drifts is followed. */
const MAX_LOOKS = 4;

/** What the tuner knows of a size that somebody has set. */
export function toTunerState(youngBytes: number): TunerState {
  return { step: toYoungStep(youngBytes), cameFrom: undefined, trials: new Map() };
}

/**
 * Judges the size that holds by what was measured and says where to go: at most one step, to twice or half the size.
 *
 * Larger generations are collected less often and keep more alive at once, so they cost less time and pause longer; where a
 * real load does otherwise, the tuner finds out by trying: it walks to the neighbour that should be better, comes back when
 * it was worse, then tries the other, and stays where both are worse (hill climbing on the worse of the two aims).
 */
export function decide(
  state: TunerState,
  figures: GcFigures,
  nowMs: number,
  options: TunerOptions,
): { readonly state: TunerState; readonly decision: TunerDecision } {
  const { pauseTailMs, gcRatio } = figures;
  if (figures.count < options.minCollections || pauseTailMs === undefined || gcRatio === undefined) {
    return { state, decision: { kind: 'hold', why: sayTooFew(figures.count, options.minCollections) } };
  }
  const measured = { atMs: nowMs, cost: toCost(figures, options), looks: 1, isDoubted: false, figures };
  const before = state.trials.get(state.step);
  if (before && !before.isDoubted && isAnother(measured.cost, before.cost)) {
    const doubted = new Map(state.trials).set(state.step, { ...before, isDoubted: true });
    return {
      state: { ...state, trials: doubted },
      decision: { kind: 'hold', why: sayDoubted(sayFigures(figures, options)) },
    };
  }

  const trials = remember(state, measured, options.forgetMs);
  const trial = trials.get(state.step)!;
  const next = { ...state, trials };
  const hold = (why: string) => ({ state: { ...next, cameFrom: undefined }, decision: { kind: 'hold', why } as const });
  const said = sayFigures(figures, options);
  const isMet = Math.min(measured.cost, trial.cost) <= NEAR_ENOUGH_COST;
  const target = isMet ? chooseSmaller(next, trial, options) : choose(next, trial, options);
  if (target === undefined) return hold(sayHold(isMet ? 'met' : 'nothing better', said, figures));
  const [fromBytes, toBytes] = [YOUNG_STEPS_BYTES[state.step]!, YOUNG_STEPS_BYTES[target]!];
  const isReturn = trials.has(target);
  const missed = isPauseTheWorse(figures, options) ? 'pause' : 'share';
  const cause = isReturn ? 'return' : isMet ? 'memory' : missed;
  const why = sayMove({ said, fromBytes, toBytes, cause });
  return {
    // What is gone back to is judged by its neighbours again, not by where it was come from.
    state: { step: target, cameFrom: isReturn ? undefined : state.step, trials },
    decision: { kind: 'move', fromBytes, toBytes, why },
  };
}

function toCost({ pauseTailMs, gcRatio }: GcFigures, { pauseTargetMs, gcTargetRatio }: TunerOptions): number {
  return Math.max(pauseTailMs! / pauseTargetMs, gcRatio! / gcTargetRatio);
}

function isPauseTheWorse({ pauseTailMs, gcRatio }: GcFigures, { pauseTargetMs, gcTargetRatio }: TunerOptions): boolean {
  return pauseTailMs! / pauseTargetMs >= gcRatio! / gcTargetRatio;
}

/** What was known, without what is too old, or all of it when the load is another one now. */
function remember({ step, trials }: TunerState, trial: Trial, forgetMs: number): ReadonlyMap<number, Trial> {
  const before = trials.get(step);
  const changed = before !== undefined && isAnother(trial.cost, before.cost);
  const kept = [...trials].filter(([, { atMs }]) => !changed && trial.atMs - atMs < forgetMs);
  const isKept = kept.some(([known]) => known === step);
  return new Map([...kept, [step, isKept ? toMean(before!, trial) : trial]]);
}

function toMean(before: Trial, { atMs, cost, figures }: Trial): Trial {
  const mean = Math.exp((Math.log(before.cost) * before.looks + Math.log(cost)) / (before.looks + 1));
  return { atMs, cost: mean, looks: Math.min(MAX_LOOKS, before.looks + 1), isDoubted: false, figures };
}

function isAnother(cost: number, before: number): boolean {
  return cost > before * LOAD_CHANGED || cost * LOAD_CHANGED < before;
}

/** The step to go to; `undefined` when none is, or is likely to be, better. */
function choose({ step, cameFrom, trials }: TunerState, trial: Trial, options: TunerOptions): number | undefined {
  const before = cameFrom === undefined ? undefined : trials.get(cameFrom);
  if (before && trial.cost > before.cost * WORTH_RATIO && isAllowed(cameFrom!, options)) return cameFrom;
  const likely = isPauseTheWorse(trial.figures, options) ? step - 1 : step + 1;
  const neighbours = [likely, 2 * step - likely].filter((other) => isAllowed(other, options));
  // What is known was left for something better: only what is not known yet is worth a move, or noise would be followed.
  return neighbours.find((other) => !trials.has(other));
}

/** Half the size, where both aims are reached and nothing is known against it; or back, where it just misses them. */
function chooseSmaller(state: TunerState, { cost }: Trial, options: TunerOptions): number | undefined {
  const { step, cameFrom, trials } = state;
  const before = cameFrom === undefined ? undefined : trials.get(cameFrom);
  if (cost > SPARE_COST) return before && before.cost <= SPARE_COST ? cameFrom : undefined;
  return !trials.has(step - 1) && isAllowed(step - 1, options) ? step - 1 : undefined;
}

function isAllowed(step: number, { minYoungBytes, maxYoungBytes }: TunerOptions): boolean {
  const bytes = YOUNG_STEPS_BYTES[step];
  return bytes !== undefined && bytes >= minYoungBytes && bytes <= maxYoungBytes;
}
