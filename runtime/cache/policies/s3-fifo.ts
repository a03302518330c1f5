import { EntryList } from '../table/entry-list.ts';
import { NONE, type EntryTable } from '../table/entry-table.ts';
import { GhostTable } from '../table/ghost-table.ts';
import type { Policy } from './policy.ts';

/** Uses since the entry came or was last spared, up to 3, in bits of `meta`. */
const USES_MASK = 0x30;
const USES_ONE = 0x10;
/** Share of the entries in the small queue; the paper's value. */
const SMALL_RATIO = 0.1;

/**
 * S3-FIFO: new entries wait in a small queue; what is used twice there goes to the main queue, the rest leaves early but is
 * remembered, and goes straight to the main queue when it comes back in time.
 *
 * Source: J. Yang, Y. Zhang, Z. Qiu, Y. Yue, K. V. Rashmi, "FIFO Queues Are All You Need for Cache Eviction", SOSP 2023.
 */
export class S3FifoPolicy implements Policy {
  private readonly table: EntryTable;
  private readonly small: EntryList;
  private readonly main: EntryList;
  private readonly ghosts = new GhostTable();
  /** Stamp of the last that was evicted; 32 bits, never 0. */
  private lastStamp = 0;

  constructor(table: EntryTable) {
    this.table = table;
    this.small = new EntryList(table, 1);
    this.main = new EntryList(table, 2);
  }

  add(slot: number): void {
    const { table } = this;
    table.setMeta(slot, table.meta(slot) & ~USES_MASK);
    // As entries come, so that the first eviction does not pay for all of it.
    this.ghosts.fit(table.count);
    const stamp = this.ghosts.take(table.hash(slot));
    // As many are remembered as the main queue may hold.
    const isBack = stamp !== 0 && (this.lastStamp - stamp) >>> 0 < table.count * (1 - SMALL_RATIO);
    (isBack ? this.main : this.small).push(slot);
  }

  hit(slot: number): void {
    const meta = this.table.meta(slot);
    if ((meta & USES_MASK) !== USES_MASK) this.table.setMeta(slot, meta + USES_ONE);
  }

  remove(slot: number): void {
    (this.small.has(slot) ? this.small : this.main).remove(slot);
  }

  takeVictim(): number {
    const { table, small, main } = this;
    while (small.size > 0 && (small.size >= table.count * SMALL_RATIO || main.size === 0)) {
      const slot = small.pop();
      const meta = table.meta(slot);
      if ((meta & USES_MASK) <= USES_ONE) {
        this.lastStamp = (this.lastStamp + 1) >>> 0 || 1;
        this.ghosts.put(table.hash(slot), this.lastStamp);
        return slot;
      }
      table.setMeta(slot, meta & ~USES_MASK);
      main.push(slot);
    }
    return this.takeFromMain();
  }

  private takeFromMain(): number {
    const { table, main } = this;
    for (;;) {
      const slot = main.tail;
      if (slot === NONE) return NONE;
      const meta = table.meta(slot);
      if ((meta & USES_MASK) === 0) {
        main.remove(slot);
        return slot;
      }
      table.setMeta(slot, meta - USES_ONE);
      main.toHead(slot);
    }
  }
}
