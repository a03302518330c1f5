import { EntryList } from '../table/entry-list.ts';
import { NONE, type EntryTable } from '../table/entry-table.ts';
import type { Policy } from './policy.ts';

/** Set when the entry was used since the hand last passed it. */
const VISITED = 0x10;

/**
 * SIEVE: a queue that is never reordered and a hand that walks it from old to new, sparing once what was used. The cheapest
 * hit of all policies, and quick to let go of what is used once.
 *
 * Source: Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi, "SIEVE is Simpler than LRU", NSDI 2024.
 */
export class SievePolicy implements Policy {
  private readonly table: EntryTable;
  private readonly queue: EntryList;
  private hand = NONE;

  constructor(table: EntryTable) {
    this.table = table;
    this.queue = new EntryList(table, 1);
  }

  add(slot: number): void {
    this.table.setMeta(slot, this.table.meta(slot) & ~VISITED);
    this.queue.push(slot);
  }

  hit(slot: number): void {
    const meta = this.table.meta(slot);
    if ((meta & VISITED) === 0) this.table.setMeta(slot, meta | VISITED);
  }

  remove(slot: number): void {
    if (slot === this.hand) this.hand = this.table.previous(slot);
    this.queue.remove(slot);
  }

  takeVictim(): number {
    const { table, queue } = this;
    let slot = this.hand === NONE ? queue.tail : this.hand;
    while (slot !== NONE && (table.meta(slot) & VISITED) !== 0) {
      table.setMeta(slot, table.meta(slot) & ~VISITED);
      const newer = table.previous(slot);
      slot = newer === NONE ? queue.tail : newer;
    }
    if (slot === NONE) return NONE;
    this.hand = table.previous(slot);
    queue.remove(slot);
    return slot;
  }
}
