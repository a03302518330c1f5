import { PLACEHOLDER } from './entities.ts';
import { toNumber } from './words.ts';

/** "Call `tool` N times, M at a time". */
export interface Repetition {
  readonly count: number;
  /** Calls in one turn; absent when the prompt does not say. */
  readonly width: number | undefined;
  /** The number of the first call. */
  readonly start: number;
  /** The step without the words about repetition. */
  readonly rest: string;
}

/** A conversation of more calls than this is no test of anything. */
const MAX_REPETITIONS = 10_000;
/** What a turn may hold when the prompt asks for a width of its own. */
const MAX_WIDTH = 128;

const TIMES =
  /\b(?:exactly\s+)?(\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|twelve)\s+times\b|\b(once|twice)\b/i;
const WIDTH =
  /,?\s*(?:(\d+)\s+(?:at\s+a\s+time|at\s+once|in\s+parallel|per\s+turn)|(one\s+at\s+a\s+time|one\s+by\s+one|one\s+after\s+(?:the\s+)?other)|(all\s+(?:at\s+once|in\s+parallel)))/i;
const START = /,?\s*(?:counting|starting|numbered)\s+(?:from|at|with)\s+(\d+)/i;

/** Reads the words about repetition in a step; `undefined` when there are none. */
export function findRepetition(text: string): Repetition | undefined {
  const times = TIMES.exec(text);
  if (!times) return undefined;
  const count = toNumber(times[1] ?? times[2] ?? '');
  if (count === undefined || count < 1 || count > MAX_REPETITIONS) return undefined;
  const width = WIDTH.exec(text);
  const start = START.exec(text);
  return {
    count,
    width: width ? Math.min(MAX_WIDTH, width[1] ? Number(width[1]) : width[2] ? 1 : count) : undefined,
    start: start ? Number(start[1]) : 1,
    rest: text.replace(TIMES, ' ').replace(WIDTH, ' ').replace(START, ' '),
  };
}

/**
 * Replaces `<n>` (or `{n}`, `<i>`, `{i}`) by the number of the call: `<n+5>` adds, `<n%7>` takes the
 * remainder, `<nnn>` pads with zeros to its own length.
 */
export function numberPlaceholders(text: string, n: number): string {
  return text.replaceAll(PLACEHOLDER, (_whole, name: string, operator?: string, operand?: string) => {
    const value = operator === '+' ? n + Number(operand) : operator === '%' ? n % Math.max(1, Number(operand)) : n;
    return String(value).padStart(name === 'i' ? 1 : name.length, '0');
  });
}
