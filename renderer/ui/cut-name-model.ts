/** So many characters at the end of a name without a number tell it from its like. */
const TAIL_CHARS = 6;
/** A number longer than this is not kept whole. */
const MAX_TAIL_CHARS = 12;
/** A name as short as this is never cut. */
const SHORT_CHARS = 10;

/** A name as what may be cut of it and what stays: its number with what stands before that, or its last characters. */
export function splitName(name: string): readonly [head: string, tail: string] {
  if (name.length <= SHORT_CHARS) return ['', name];
  const number = /[^\p{L}\p{N}]?\p{N}+$/u.exec(name)?.[0] ?? '';
  const characters = Array.from(name);
  const length = number === '' ? TAIL_CHARS : Math.min(MAX_TAIL_CHARS, Array.from(number).length);
  return [characters.slice(0, -length).join(''), characters.slice(-length).join('')];
}
