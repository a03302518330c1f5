/** A block is 64 bytes, a cache line: 16 words of eight 4-bit counters, in four rows of 32 counters. */
const BLOCK_WORDS = 16;
const FIRST_BLOCKS = 8;
const MAX_COUNT = 15;
/** Halves eight counters at once. */
const HALF_MASK = 0x77777777;
/** After this many times the entries all counters are halved, so that what was popular once is forgotten. */
const SAMPLE_FACTOR = 10;

/**
 * How often each hash was seen lately, at most 15, in 8 bytes an entry: a count-min sketch that ages.
 *
 * A count may be too high, when all four counters of a hash are shared, never too low within a period of ageing.
 *
 * Source: G. Einziger, R. Friedman, B. Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM TOS 13(4), 2017; one
 * cache line for the counters of a hash as in F. Putze, P. Sanders, J. Singler, "Cache-, Hash- and Space-Efficient Bloom
 * Filters", JEA 2009.
 */
export class FrequencySketch {
  private words = new Int32Array(FIRST_BLOCKS * BLOCK_WORDS);
  private blockMask = FIRST_BLOCKS - 1;
  private additions = 0;

  /** Makes room for `count` entries; counts stay. */
  fit(count: number): void {
    while ((this.blockMask + 1) * BLOCK_WORDS < count * 2) {
      const { words } = this;
      this.words = new Int32Array(words.length * 2);
      // A block is now looked for in one of two places, so it is put into both.
      this.words.set(words);
      this.words.set(words, words.length);
      this.blockMask = this.blockMask * 2 + 1;
    }
  }

  /** Counts a use of `hash`; `count` is the number of entries, by which ages are reckoned. */
  add(hash: number, count: number): void {
    const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    const block = (hash & this.blockMask) * BLOCK_WORDS;
    let isCounted = false;
    for (let row = 0; row < 4; row++) {
      const bits = mixed >>> (row * 5 + 4);
      const at = block + row * 4 + (bits & 3);
      const shift = bits & 28;
      const word = this.words[at]!;
      if (((word >>> shift) & MAX_COUNT) < MAX_COUNT) {
        this.words[at] = word + (1 << shift);
        isCounted = true;
      }
    }
    if (isCounted && ++this.additions >= SAMPLE_FACTOR * Math.max(count, BLOCK_WORDS)) this.age();
  }

  /** How often `hash` was seen lately, 0 to 15. */
  countOf(hash: number): number {
    const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    const block = (hash & this.blockMask) * BLOCK_WORDS;
    let least = MAX_COUNT;
    for (let row = 0; row < 4; row++) {
      const bits = mixed >>> (row * 5 + 4);
      const counter = (this.words[block + row * 4 + (bits & 3)]! >>> (bits & 28)) & MAX_COUNT;
      if (counter < least) least = counter;
    }
    return least;
  }

  private age(): void {
    const { words } = this;
    for (let at = 0; at < words.length; at++) words[at] = (words[at]! >>> 1) & HALF_MASK;
    this.additions >>>= 1;
  }
}
