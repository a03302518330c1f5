import { NONE, type EntryTable } from './entry-table.ts';

/** A list of entries in which each step is a constant number of operations; its links lie in the table. */
export class EntryList {
  head = NONE;
  tail = NONE;
  size = 0;
  private readonly table: EntryTable;
  private readonly id: number;

  /** @param id 1 to 15, different for each list of a policy; 0 means no list. */
  constructor(table: EntryTable, id: number) {
    this.table = table;
    this.id = id;
  }

  has(slot: number): boolean {
    return this.table.list(slot) === this.id;
  }

  /** Puts an entry that is in no list at the head. */
  push(slot: number): void {
    const { table } = this;
    table.setNext(slot, this.head);
    table.setPrevious(slot, NONE);
    if (this.head === NONE) this.tail = slot;
    else table.setPrevious(this.head, slot);
    this.head = slot;
    table.setList(slot, this.id);
    this.size++;
  }

  remove(slot: number): void {
    const { table } = this;
    this.unlink(slot);
    table.setList(slot, 0);
    this.size--;
  }

  toHead(slot: number): void {
    if (slot === this.head) return;
    const { table, head } = this;
    this.unlink(slot);
    table.setNext(slot, head);
    table.setPrevious(slot, NONE);
    table.setPrevious(head, slot);
    this.head = slot;
  }

  /** Takes the tail out; `NONE` of an empty list. */
  pop(): number {
    const slot = this.tail;
    if (slot !== NONE) this.remove(slot);
    return slot;
  }

  private unlink(slot: number): void {
    const { table } = this;
    const next = table.next(slot);
    const previous = table.previous(slot);
    if (next === NONE) this.tail = previous;
    else table.setPrevious(next, previous);
    if (previous === NONE) this.head = next;
    else table.setNext(previous, next);
  }
}
