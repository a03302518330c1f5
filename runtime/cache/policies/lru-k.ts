import { AgeHeap } from '../table/age-heap.ts';
import { EntryList } from '../table/entry-list.ts';
import { NONE, type EntryTable } from '../table/entry-table.ts';
import { GhostTable } from '../table/ghost-table.ts';
import type { Policy } from './policy.ts';

/** An evicted entry's last use is remembered for this many uses of the cache for each entry it has. */
const RETAINED_USES = 4;

/**
 * LRU-K with K = 2: the entry whose last use but one lies furthest back goes first, and before all others those used once, so that
 * a single use never keeps an entry long. Evictions cost a logarithm of the entries.
 *
 * Source: E. J. O'Neil, P. E. O'Neil, G. Weikum, "The LRU-K Page Replacement Algorithm for Database Disk Buffering", SIGMOD
 * 1993; with its retained information, and without its correlated reference period.
 */
export class LruKPolicy implements Policy {
  private readonly table: EntryTable;
  private readonly once: EntryList;
  private readonly twice: AgeHeap;
  private readonly ghosts = new GhostTable();
  /** Uses so far: the time by which ages are reckoned; 32 bits, never 0. */
  private now = 0;

  constructor(table: EntryTable) {
    this.table = table;
    this.once = new EntryList(table, 1);
    this.twice = new AgeHeap(table, 2);
  }

  add(slot: number): void {
    const { table } = this;
    this.tick();
    table.setMark(slot, this.now);
    // As entries come, so that the first eviction does not pay for all of it.
    this.ghosts.fit(table.count);
    const lastUse = this.ghosts.take(table.hash(slot));
    const isRetained = lastUse !== 0 && (this.now - lastUse) >>> 0 <= table.count * RETAINED_USES;
    if (isRetained) this.twice.add(slot, lastUse);
    else this.once.push(slot);
  }

  hit(slot: number): void {
    const { table, once, twice } = this;
    this.tick();
    const lastUse = table.mark(slot);
    table.setMark(slot, this.now);
    if (twice.has(slot)) return twice.renew(slot, lastUse);
    once.remove(slot);
    twice.add(slot, lastUse);
  }

  remove(slot: number): void {
    (this.twice.has(slot) ? this.twice : this.once).remove(slot);
  }

  takeVictim(): number {
    const { table, once, twice } = this;
    if (once.size === 0 && twice.size === 0) return NONE;
    const slot = once.size > 0 ? once.tail : twice.oldest();
    this.remove(slot);
    this.ghosts.put(table.hash(slot), table.mark(slot) >>> 0);
    return slot;
  }

  private tick(): void {
    this.now = (this.now + 1) >>> 0 || 1;
  }
}
