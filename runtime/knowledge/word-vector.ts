/** Numbers of a vector. Words that share one of them disturb each other; with so many it hardly shows in passages of 200 words. */
export const VECTOR_SIZE = 1_024;

const WORD = /[\p{L}\p{N}]+/gu;
/** Parts of a name as programmers write them. */
const NAME_PART = /(?<=\p{Ll}|\p{N})(?=\p{Lu})/u;
const SIGN_BIT = 0x8000_0000;

/** How often each number of a vector is meant by a text, as pairs of place and signed weight. */
export type WordCounts = ReadonlyMap<number, number>;

/**
 * Counts the words of a text, each under the number that its hash names, with the sign that it names; parts of a name such as
 * `readFile` count too.
 *
 * Source: K. Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009.
 */
export function countWords(text: string): WordCounts {
  const counts = new Map<number, number>();
  const count = (word: string): void => {
    const hash = hashWord(word);
    const place = hash % VECTOR_SIZE;
    counts.set(place, (counts.get(place) ?? 0) + (hash >= SIGN_BIT ? -1 : 1));
  };
  for (const [word] of text.normalize('NFC').matchAll(WORD)) {
    count(word.toLowerCase());
    const parts = word.split(NAME_PART);
    if (parts.length > 1) for (const part of parts) count(part.toLowerCase());
  }
  return counts;
}

/**
 * A vector of length 1: words that are in few passages count more, repeated ones ever less.
 *
 * Source: G. Salton, C. Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
 *
 * @param rarity By place: how much a word that is rare counts more than one that is everywhere.
 * @param into Filled; all zero when the text has no word.
 */
export function weighWords(counts: WordCounts, rarity: ArrayLike<number>, into: Float32Array): void {
  into.fill(0);
  let square = 0;
  for (const [place, times] of counts) {
    if (times === 0) continue;
    const weight = Math.sign(times) * (1 + Math.log(Math.abs(times))) * rarity[place]!;
    into[place] = weight;
    square += weight * weight;
  }
  if (square === 0) return;
  const length = Math.sqrt(square);
  for (const place of counts.keys()) into[place]! /= length;
}

/** FNV-1a over UTF-16 units, with its bits mixed once more: the low ones choose the place, the highest the sign. */
function hashWord(word: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x0100_0193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b_3c6d) >>> 0;
}
