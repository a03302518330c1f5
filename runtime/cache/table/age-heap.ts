import type { EntryTable } from './entry-table.ts';

const FIRST_CAPACITY = 64;

/**
 * Entries by a time of their own, the oldest first: adding, changing and removing any of them costs a logarithm of their number.
 *
 * An entry's time lies in the table where a list would have its link back, its place in the heap where the link forward would
 * be: an entry is in a heap or in a list. Times are 32-bit counters that may wrap around, of which the past half is not used.
 */
export class AgeHeap {
  size = 0;
  private slots = new Int32Array(FIRST_CAPACITY);
  private readonly table: EntryTable;
  private readonly id: number;

  /** @param id As a list's. */
  constructor(table: EntryTable, id: number) {
    this.table = table;
    this.id = id;
  }

  has(slot: number): boolean {
    return this.table.list(slot) === this.id;
  }

  /** The entry with the oldest time; only when there is one. */
  oldest(): number {
    return this.slots[0]!;
  }

  add(slot: number, time: number): void {
    if (this.size === this.slots.length) {
      const { slots } = this;
      (this.slots = new Int32Array(slots.length * 2)).set(slots);
    }
    this.table.setList(slot, this.id);
    this.table.setPrevious(slot, time);
    this.moveUp(slot, this.size++);
  }

  /** Gives an entry a later time. */
  renew(slot: number, time: number): void {
    this.table.setPrevious(slot, time);
    this.moveDown(slot, this.table.next(slot));
  }

  remove(slot: number): void {
    const { table, slots } = this;
    table.setList(slot, 0);
    const at = table.next(slot);
    const last = slots[--this.size]!;
    if (last === slot) return;
    if (this.isOlder(last, slot)) this.moveUp(last, at);
    else this.moveDown(last, at);
  }

  private moveUp(slot: number, from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = this.slots[parent]!;
      if (!this.isOlder(slot, above)) break;
      this.place(above, at);
      at = parent;
    }
    this.place(slot, at);
  }

  private moveDown(slot: number, from: number): void {
    let at = from;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && this.isOlder(this.slots[child + 1]!, this.slots[child]!)) child++;
      const below = this.slots[child]!;
      if (!this.isOlder(below, slot)) break;
      this.place(below, at);
      at = child;
    }
    this.place(slot, at);
  }

  private place(slot: number, at: number): void {
    this.slots[at] = slot;
    this.table.setNext(slot, at);
  }

  private isOlder(slot: number, other: number): boolean {
    return ((this.table.previous(slot) - this.table.previous(other)) | 0) < 0;
  }
}
