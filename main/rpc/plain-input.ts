/** Levels of an input; the contract's own have five, what a person sets over a fleet file a few more. */
const MAX_DEPTH = 64;

/** Values of an input, the inner ones among them: far more than any screen sends, and looked at in a few milliseconds. */
const MAX_VALUES = 200_000;

/**
 * Whether a value is what JSON can say, at most 64 levels deep and 200,000 values large.
 *
 * What takes a value apart level by level (`JSON.stringify`, a structured clone) throws at one that is deep enough, and a
 * window's port also carries circles and numbers that JSON has no words for.
 */
export function isPlain(value: unknown): boolean {
  let left = MAX_VALUES;
  const isGood = (part: unknown, depth: number): boolean => {
    if (--left < 0) return false;
    if (typeof part !== 'object') return typeof part !== 'bigint' && typeof part !== 'symbol';
    if (part === null) return true;
    if (depth >= MAX_DEPTH || !(Array.isArray(part) || isPlainObject(part))) return false;
    return Object.values(part).every((inner) => isGood(inner, depth + 1));
  };
  return isGood(value, 0);
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
