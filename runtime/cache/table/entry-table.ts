/** No entry. */
export const NONE = -1;

/** Entries a page holds: 16 KB of numbers, little for a small cache and few pages for a large one. */
const PAGE_BITS = 9;
const PAGE_ENTRIES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_ENTRIES - 1;
/** Numbers of an entry lie side by side, two entries to a cache line. */
const STRIDE_BITS = 3;
const HASH = 0;
const CHAIN = 1;
const NEXT = 2;
const PREVIOUS = 3;
const BYTES = 4;
const META = 5;
const TIME = 6;
const MARK = 7;

/** Heads of chains a page of the index holds. */
const INDEX_BITS = 10;
const INDEX_MASK = (1 << INDEX_BITS) - 1;
const FIRST_BUCKETS = 16;
/** With two, most chains have one entry or none: every entry that is looked at in vain is a cache line fetched in vain. */
const CHAINS_PER_ENTRY = 2;

/** Lowest bits of `meta`: the list that an entry is in. */
const LIST_MASK = 0xf;
const USED = 1 << 19;
/** Highest bits of `meta`: what a time has beyond 32 bits. */
const TIME_SHIFT = 20;

/**
 * What a cache remembers of its entries apart from keys and values: numbered slots in pages of numbers, found by hash.
 *
 * Nothing is ever copied or rehashed as a whole: pages are added as slots are needed, and the index grows and shrinks by one
 * chain at a time, so that no size brings a pause. A slot costs 32 bytes and 8 of the index, and is used again once removed.
 *
 * Source of the index: W. Litwin, "Linear Hashing", VLDB 1980.
 */
export class EntryTable {
  /** Entries there are. */
  count = 0;
  private readonly pages: Int32Array[] = [];
  private readonly index: Int32Array[] = [new Int32Array(1 << INDEX_BITS).fill(NONE)];
  private buckets = FIRST_BUCKETS;
  private bucketMask = FIRST_BUCKETS - 1;
  private usedSlots = 0;
  private free = NONE;

  /** Slots that were ever used at once; every slot is below it. */
  get slotCount(): number {
    return this.usedSlots;
  }

  /** Whether a slot below `slotCount` holds an entry. */
  isUsed(slot: number): boolean {
    return (this.get(slot, META) & USED) !== 0;
  }

  /** The first slot with this hash, or `NONE`. Hashes are signed 32-bit numbers. */
  first(hash: number): number {
    const bucket = this.bucketOf(hash);
    return this.withHash(this.index[bucket >>> INDEX_BITS]![bucket & INDEX_MASK]!, hash);
  }

  /** The next slot with the hash of `slot`, or `NONE`. */
  nextSame(slot: number): number {
    const page = this.pages[slot >>> PAGE_BITS]!;
    const at = (slot & PAGE_MASK) << STRIDE_BITS;
    return this.withHash(page[at + CHAIN]!, page[at + HASH]!);
  }

  /** Takes a slot for an entry of this hash; all its other numbers are 0 and it is in no list. */
  insert(hash: number): number {
    let slot = this.free;
    if (slot === NONE) {
      slot = this.usedSlots++;
      if (slot >>> PAGE_BITS === this.pages.length) this.pages.push(new Int32Array(PAGE_ENTRIES << STRIDE_BITS));
    }
    const page = this.pages[slot >>> PAGE_BITS]!;
    const at = (slot & PAGE_MASK) << STRIDE_BITS;
    if (slot === this.free) this.free = page[at + CHAIN]!;
    page.fill(0, at, at + (1 << STRIDE_BITS));
    page[at + HASH] = hash;
    page[at + META] = USED;
    this.link(slot, hash);
    this.count++;
    while (this.count * CHAINS_PER_ENTRY > this.buckets) this.splitOne();
    return slot;
  }

  /** Gives a slot back; it must be in no list. */
  remove(slot: number): void {
    const hash = this.hash(slot);
    const bucket = this.bucketOf(hash);
    const heads = this.index[bucket >>> INDEX_BITS]!;
    const head = heads[bucket & INDEX_MASK]!;
    const after = this.get(slot, CHAIN);
    if (head === slot) heads[bucket & INDEX_MASK] = after;
    else {
      let before = head;
      for (let next = this.get(before, CHAIN); next !== slot; next = this.get(before, CHAIN)) before = next;
      this.put(before, CHAIN, after);
    }
    this.put(slot, CHAIN, this.free);
    this.put(slot, META, 0);
    this.free = slot;
    this.count--;
    // Later than it would be split again, so that one entry that comes and goes costs nothing.
    while (this.buckets > FIRST_BUCKETS && this.count * CHAINS_PER_ENTRY * 2 < this.buckets) this.mergeOne();
  }

  hash(slot: number): number {
    return this.get(slot, HASH);
  }

  /** Neighbours in the list that the entry is in. */
  next(slot: number): number {
    return this.get(slot, NEXT);
  }

  setNext(slot: number, to: number): void {
    this.put(slot, NEXT, to);
  }

  previous(slot: number): number {
    return this.get(slot, PREVIOUS);
  }

  setPrevious(slot: number, to: number): void {
    this.put(slot, PREVIOUS, to);
  }

  /** What the entry weighs. */
  bytes(slot: number): number {
    return this.get(slot, BYTES) >>> 0;
  }

  setBytes(slot: number, bytes: number): void {
    this.put(slot, BYTES, bytes);
  }

  /** A time that belongs to the owner of the table: a whole number of up to 44 bits. */
  time(slot: number): number {
    return (this.get(slot, META) >>> TIME_SHIFT) * 2 ** 32 + (this.get(slot, TIME) >>> 0);
  }

  setTime(slot: number, time: number): void {
    this.put(slot, TIME, time);
    const flags = this.get(slot, META) & ((1 << TIME_SHIFT) - 1);
    this.put(slot, META, flags | (Math.floor(time / 2 ** 32) << TIME_SHIFT));
  }

  /** A number that belongs to the policy. */
  mark(slot: number): number {
    return this.get(slot, MARK);
  }

  setMark(slot: number, mark: number): void {
    this.put(slot, MARK, mark);
  }

  /** Flags: bits 0 to 3 are the list, 4 to 7 the policy's, 8 to 18 the owner's; the rest is the table's own. */
  meta(slot: number): number {
    return this.get(slot, META);
  }

  setMeta(slot: number, meta: number): void {
    this.put(slot, META, meta);
  }

  /** The list that the entry is in; 0 when in none. */
  list(slot: number): number {
    return this.get(slot, META) & LIST_MASK;
  }

  setList(slot: number, list: number): void {
    this.put(slot, META, (this.get(slot, META) & ~LIST_MASK) | list);
  }

  private get(slot: number, field: number): number {
    return this.pages[slot >>> PAGE_BITS]![((slot & PAGE_MASK) << STRIDE_BITS) + field]!;
  }

  private put(slot: number, field: number, value: number): void {
    this.pages[slot >>> PAGE_BITS]![((slot & PAGE_MASK) << STRIDE_BITS) + field] = value;
  }

  private withHash(from: number, hash: number): number {
    let slot = from;
    while (slot !== NONE) {
      const page = this.pages[slot >>> PAGE_BITS]!;
      const at = (slot & PAGE_MASK) << STRIDE_BITS;
      if (page[at + HASH] === hash) return slot;
      slot = page[at + CHAIN]!;
    }
    return NONE;
  }

  private bucketOf(hash: number): number {
    const bucket = hash & this.bucketMask;
    return bucket < this.buckets ? bucket : bucket & (this.bucketMask >>> 1);
  }

  private link(slot: number, hash: number): void {
    const bucket = this.bucketOf(hash);
    const heads = this.index[bucket >>> INDEX_BITS]!;
    this.put(slot, CHAIN, heads[bucket & INDEX_MASK]!);
    heads[bucket & INDEX_MASK] = slot;
  }

  /** One chain more: what belongs there comes from the chain that held it so far. */
  private splitOne(): void {
    const added = this.buckets;
    if (added > this.bucketMask) this.bucketMask = this.bucketMask * 2 + 1;
    if (added >>> INDEX_BITS === this.index.length) this.index.push(new Int32Array(1 << INDEX_BITS).fill(NONE));
    this.buckets++;
    this.relink(added & (this.bucketMask >>> 1));
  }

  /** One chain fewer: the last is joined to the one it came from. */
  private mergeOne(): void {
    const last = --this.buckets;
    if (this.buckets === (this.bucketMask + 1) >>> 1) this.bucketMask >>>= 1;
    this.relink(last);
    if ((last & INDEX_MASK) === 0 && last > 0) this.index.pop();
  }

  private relink(bucket: number): void {
    const heads = this.index[bucket >>> INDEX_BITS]!;
    let slot = heads[bucket & INDEX_MASK]!;
    heads[bucket & INDEX_MASK] = NONE;
    while (slot !== NONE) {
      const after = this.get(slot, CHAIN);
      this.link(slot, this.hash(slot));
      slot = after;
    }
  }
}
