/** Places a hash can be at; the oldest of them is overwritten. */
const WAYS = 4;
const FIRST_SIZE = 1 << 10;

/**
 * Remembers when hashes were evicted, without their keys: 8 bytes each, of which there are between 1 and 2 for each entry.
 *
 * A hash may be forgotten early when more than four that are as young fall on the same places.
 */
export class GhostTable {
  private hashes = new Int32Array(FIRST_SIZE);
  /** 0 in an empty place. */
  private stamps = new Uint32Array(FIRST_SIZE);
  private mask = FIRST_SIZE - 1;

  /** Makes room for `count` hashes; what is remembered stays. */
  fit(count: number): void {
    while (this.mask + 1 < count) {
      const { hashes, stamps } = this;
      const size = (this.mask + 1) * 2;
      this.hashes = new Int32Array(size);
      this.stamps = new Uint32Array(size);
      // A hash is now looked for in one of two places, so it is put into both; the wrong one is overwritten in time.
      for (const half of [0, size / 2]) {
        this.hashes.set(hashes, half);
        this.stamps.set(stamps, half);
      }
      this.mask = size - 1;
    }
  }

  /** Remembers a hash with a stamp of 32 bits that is not 0; stamps rise. */
  put(hash: number, stamp: number): void {
    const at = this.placeOf(hash);
    let oldest = at;
    for (let place = at; place < at + WAYS; place++) {
      if (this.hashes[place] === hash) {
        oldest = place;
        break;
      }
      if (this.stamps[place]! < this.stamps[oldest]!) oldest = place;
    }
    this.hashes[oldest] = hash;
    this.stamps[oldest] = stamp;
  }

  /** Forgets a hash and answers its stamp; 0 when it was not remembered. */
  take(hash: number): number {
    const at = this.placeOf(hash);
    for (let place = at; place < at + WAYS; place++) {
      const stamp = this.stamps[place]!;
      if (this.hashes[place] === hash && stamp !== 0) {
        this.stamps[place] = 0;
        return stamp;
      }
    }
    return 0;
  }

  private placeOf(hash: number): number {
    return (hash >>> 2) & this.mask & ~(WAYS - 1);
  }
}
