import { EntryList } from '../table/entry-list.ts';
import { NONE, type EntryTable } from '../table/entry-table.ts';
import type { Policy } from './policy.ts';

/** Share of the entries that is kept for those used twice and more; the value of the paper's best results. */
const PROTECTED_RATIO = 0.8;

/**
 * Segmented LRU: new entries are on probation; a second use protects them, and what is pushed out of protection gets a
 * second chance on probation. A scan passes through probation only.
 *
 * Source: R. Karedla, J. Love, B. Wherry, "Caching Strategies to Improve Disk System Performance", IEEE Computer 27(3), 1994.
 */
export class SegmentedLruPolicy implements Policy {
  private readonly table: EntryTable;
  private readonly probation: EntryList;
  private readonly guarded: EntryList;

  constructor(table: EntryTable) {
    this.table = table;
    this.probation = new EntryList(table, 1);
    this.guarded = new EntryList(table, 2);
  }

  add(slot: number): void {
    this.probation.push(slot);
  }

  hit(slot: number): void {
    if (this.guarded.has(slot)) return this.guarded.toHead(slot);
    this.probation.remove(slot);
    this.guarded.push(slot);
    const maxGuarded = Math.floor(this.table.count * PROTECTED_RATIO);
    while (this.guarded.size > maxGuarded) this.probation.push(this.guarded.pop());
  }

  remove(slot: number): void {
    (this.guarded.has(slot) ? this.guarded : this.probation).remove(slot);
  }

  takeVictim(): number {
    const slot = this.probation.pop();
    return slot === NONE ? this.guarded.pop() : slot;
  }
}
