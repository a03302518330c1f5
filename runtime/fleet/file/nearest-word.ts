import { distance } from 'fastest-levenshtein';

const MAX_COMPARED_LENGTH = 64;

/**
 * The word of `known` that `word` is most likely a misspelling of; `undefined` when none is near.
 *
 * Near is an edit distance (Levenshtein) of at most a third of the longer word, rounded up, ignoring case and
 * separators; a word that begins with the other is near too.
 */
export function findNearestWord(word: string, known: Iterable<string>): string | undefined {
  if (word.length === 0 || word.length > MAX_COMPARED_LENGTH) return undefined;
  const wanted = simplify(word);
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    if (candidate.length > MAX_COMPARED_LENGTH) continue;
    const found = distanceBetween(wanted, simplify(candidate));
    if (found !== undefined && (best === undefined || found < best.distance))
      best = { word: candidate, distance: found };
  }
  return best?.word;
}

function distanceBetween(wanted: string, candidate: string): number | undefined {
  const edits = distance(wanted, candidate);
  if (edits <= Math.ceil(Math.max(wanted.length, candidate.length) / 3)) return edits;
  const shorter = Math.min(wanted.length, candidate.length);
  const begins = shorter >= 3 && (wanted.startsWith(candidate) || candidate.startsWith(wanted));
  return begins ? edits : undefined;
}

function simplify(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ .]/g, '');
}
