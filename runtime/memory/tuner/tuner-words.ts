import type { GcFigures } from './gc-window.ts';
import type { TunerOptions } from './tuner-options.ts';

/** Above this part, collections of the whole heap are worth naming as what makes the pauses. */
const MANY_RATIO = 0.3;

/** What was measured, beside what was aimed at. */
export function sayFigures({ pauseTailMs, pauseTailRatio, gcRatio }: GcFigures, options: TunerOptions): string {
  const pause = `${Math.floor(pauseTailRatio * 100)} of 100 pauses are within ${round(pauseTailMs!)} ms (aim: ${options.pauseTargetMs})`;
  return `${pause} and collections take ${percent(gcRatio!)} of the time (aim: ${percent(options.gcTargetRatio)})`;
}

/** Why nothing is judged yet. */
export function sayTooFew(count: number, least: number): string {
  return `There were ${count} collections, too few to judge by; ${least} are needed. Nothing is changed.`;
}

/** Why nothing is concluded from what was measured. */
export function sayDoubted(said: string): string {
  return `${said}, which is quite unlike before. It is measured once more before anything is changed.`;
}

/** Why the size stays. */
export function sayHold(
  what: 'met' | 'nothing better',
  said: string,
  { wholeHeapRatio, externalRatio }: GcFigures,
): string {
  if (what === 'met') return `${said}: good. Nothing is changed.`;
  const tried = 'twice and half the size are no better, or not allowed';
  const cause =
    externalRatio > MANY_RATIO
      ? ' Most of the pauses come from bytes outside the heap, such as buffers: pool them, or allocate fewer.'
      : wholeHeapRatio > MANY_RATIO
        ? ' Many of the pauses are of the whole heap: keep less alive, or raise the old generation.'
        : '';
  return `${said}, but ${tried}. Nothing is changed.${cause}`;
}

/** Why the size changes. */
export function sayMove(move: {
  readonly said: string;
  readonly fromBytes: number;
  readonly toBytes: number;
  /** Which aim is missed; `memory` when none is, `return` when the size before was no worse. */
  readonly cause: 'pause' | 'share' | 'memory' | 'return';
}): string {
  const { said, fromBytes, toBytes, cause } = move;
  const step = `the young generation goes from ${toMb(fromBytes)} to ${toMb(toBytes)}`;
  if (cause === 'return') return `${said}: ${step}, which did no worse.`;
  if (cause === 'memory') return `${said}: good. To hold less memory, ${step}.`;
  const isSmaller = toBytes < fromBytes;
  if ((cause === 'pause') === isSmaller) {
    return `${said}: ${step}, so that ${isSmaller ? 'each collection has less to copy' : 'there are fewer collections'}.`;
  }
  return `${said}, and the other way was no better: ${step}, to try it.`;
}

function toMb(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

function round(ms: number): string {
  return ms >= 10 ? ms.toFixed(0) : ms.toFixed(1);
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio < 0.1 ? 1 : 0)} %`;
}
