/** One replaced part of a text. */
export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** The smallest single replacement that makes `next` of `before`; `undefined` when they are the same. */
export function toChange(before: string, next: string): TextChange | undefined {
  if (before === next) return undefined;
  const shorter = Math.min(before.length, next.length);
  let from = 0;
  while (from < shorter && before[from] === next[from]) from += 1;
  let tail = 0;
  while (tail < shorter - from && before.at(-1 - tail) === next.at(-1 - tail)) tail += 1;
  return { from, to: before.length - tail, insert: next.slice(from, next.length - tail) };
}
