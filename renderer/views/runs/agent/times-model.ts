import type { AgentTimes } from '../../../../shared/contract/run-schemas.ts';
import type { Share } from '../../../charts/share-bar.tsx';

/** One line of "Where its time went". */
export interface TimePart extends Share {
  readonly ms: number;
  /** Of its whole life; the percentages of all parts add up to 100. */
  readonly percent: number;
  /** What it is made of, the most first. */
  readonly details: readonly { readonly name: string; readonly ms: number }[];
}

/** Parts of an agent's life that add up to it; empty before it began. */
export function toTimeParts({ lifeMs, runningMs, askingMs, tools, waiting }: AgentTimes): readonly TimePart[] {
  const toolsMs = sum(tools);
  const waitingMs = sum(waiting);
  const known = runningMs + askingMs + toolsMs + waitingMs;
  // What was measured side by side may be a little more than the life it lies in.
  const totalMs = Math.max(lifeMs, known);
  if (totalMs === 0) return [];
  const details = tools.map(({ tool, calls, ms }) => ({ name: `${tool} × ${calls.toLocaleString('en-US')}`, ms }));
  const work: readonly Omit<TimePart, 'ratio' | 'percent'>[] =
    runningMs > 0
      ? [{ name: 'running', tone: 'ok', ms: runningMs, details: [] }]
      : [
          { name: 'asking', tone: 'accent', ms: askingMs, details: [] },
          { name: 'tools', tone: 'ok', ms: toolsMs, details },
        ];
  const parts = [
    ...work,
    { name: 'waiting', tone: 'warn', ms: waitingMs, details: waiting.map(({ reason, ms }) => ({ name: reason, ms })) },
    { name: 'the rest', tone: 'idle', ms: totalMs - known, details: [] },
  ] as const;
  const percents = toPercents(parts.map(({ ms }) => ms));
  return parts.map((part, index) => ({ ...part, ratio: part.ms / totalMs, percent: percents[index]! }));
}

/** Whole percentages that add up to 100: the largest remainders are rounded up. All 0 when there is nothing to share. */
export function toPercents(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total === 0) return values.map(() => 0);
  const exact = values.map((value) => (value / total) * 100);
  const whole = exact.map(Math.floor);
  const missing = 100 - whole.reduce((sum, value) => sum + value, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, rest: value - whole[index]! }))
    .toSorted((a, b) => b.rest - a.rest);
  for (const { index } of byRemainder.slice(0, missing)) whole[index]!++;
  return whole;
}

function sum(parts: readonly { readonly ms: number }[]): number {
  return parts.reduce((total, { ms }) => total + ms, 0);
}
