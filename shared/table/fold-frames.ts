import type { runFrames } from './run-frames.ts';

/** A column of the table `runFrames`. */
export type FrameColumn = keyof typeof runFrames.columns;

/** One row of the table `runFrames`. */
export type FrameRow = Readonly<Record<FrameColumn, number>>;

/** A column that is not the time itself. */
export type MeasuredColumn = Exclude<FrameColumn, 'atMs' | 'seconds'>;

/** How seconds become one row: counts are added, percentiles and peaks are the largest, levels are those at the end. */
const FOLDS: Readonly<Record<MeasuredColumn, 'sum' | 'largest' | 'last'>> = {
  toolCalls: 'sum',
  toolCallsFailed: 'sum',
  turns: 'sum',
  outputTokens: 'sum',
  callP50Ms: 'largest',
  callP99Ms: 'largest',
  running: 'last',
  waiting: 'last',
  agents: 'last',
  gcPauseMs: 'largest',
  loopDelayP99Ms: 'largest',
  rssBytes: 'largest',
};
const FOLDED = Object.entries(FOLDS) as [MeasuredColumn, 'sum' | 'largest' | 'last'][];

/** The columns that hold what was measured. */
export const MEASURED_COLUMNS: readonly MeasuredColumn[] = FOLDED.map(([column]) => column);

/** Two rows that follow each other as one: a past run, and the older part of a live one, are shown in longer steps. */
export function foldFrames(one: FrameRow, next: FrameRow): FrameRow {
  const folded: Record<string, number> = { atMs: next.atMs, seconds: one.seconds + next.seconds };
  for (const [column, how] of FOLDED) folded[column] = foldTwo(how, one[column], next[column]);
  return folded as FrameRow;
}

function foldTwo(how: 'sum' | 'largest' | 'last', one: number, next: number): number {
  if (Number.isNaN(next)) return one;
  if (Number.isNaN(one) || how === 'last') return next;
  return how === 'sum' ? one + next : Math.max(one, next);
}
