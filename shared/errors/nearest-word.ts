/** Longer words are no names; comparing them would cost the square of their length. */
const MAX_COMPARED_LENGTH = 64;
/** A beginning shorter than this says nothing about what was meant. */
const MIN_BEGINNING_LENGTH = 3;

/**
 * The word of `known` that `word` is most likely a misspelling of; `undefined` when none is near.
 *
 * Near is an edit distance (two swapped neighbours are one edit) of at most a third of the longer word, rounded up, ignoring case and
 * separators; a word that begins with the other is near too. Words of more than 64 characters are near to nothing.
 */
export function findNearestWord<Word extends string>(word: string, known: Iterable<Word>): Word | undefined {
  if (word.length === 0 || word.length > MAX_COMPARED_LENGTH) return undefined;
  const wanted = simplify(word);
  let best: { word: Word; distance: number } | undefined;
  for (const candidate of known) {
    if (candidate.length > MAX_COMPARED_LENGTH) continue;
    const found = distanceBetween(wanted, simplify(candidate));
    if (found !== undefined && (best === undefined || found < best.distance))
      best = { word: candidate, distance: found };
  }
  return best?.word;
}

function distanceBetween(wanted: string, candidate: string): number | undefined {
  const edits = countEdits(wanted, candidate);
  if (edits <= Math.ceil(Math.max(wanted.length, candidate.length) / 3)) return edits;
  const shorter = Math.min(wanted.length, candidate.length);
  const begins = shorter >= MIN_BEGINNING_LENGTH && (wanted.startsWith(candidate) || candidate.startsWith(wanted));
  return begins ? edits : undefined;
}

/** Optimal string alignment: Levenshtein's distance with two swapped neighbours as one edit. Source: F. Damerau, 1964. */
function countEdits(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

function simplify(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ .]/g, '');
}
