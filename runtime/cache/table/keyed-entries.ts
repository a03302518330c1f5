import { EntryTable, NONE } from './entry-table.ts';

/** Entries a page holds; as many as the table's own pages. */
const PAGE_BITS = 9;
const PAGE_MASK = (1 << PAGE_BITS) - 1;

/** A table of entries together with their keys and values, which lie side by side in pages: 16 bytes an entry. */
export class KeyedEntries<Value> {
  readonly table = new EntryTable();
  private readonly pages: unknown[][] = [];

  /** The slot of a key, or `NONE`. */
  find(key: string, hash: number): number {
    const { table } = this;
    let slot = table.first(hash);
    while (slot !== NONE && this.key(slot) !== key) slot = table.nextSame(slot);
    return slot;
  }

  /** Takes a slot for a key that has none. */
  insert(key: string, hash: number, value: Value | undefined): number {
    const slot = this.table.insert(hash);
    const number = slot >>> PAGE_BITS;
    // Filled at once, so that it is an array without holes that never grows.
    if (number === this.pages.length) this.pages.push(Array.from({ length: 2 << PAGE_BITS }));
    const page = this.pages[number]!;
    const at = (slot & PAGE_MASK) << 1;
    page[at] = key;
    page[at + 1] = value;
    return slot;
  }

  /** Gives a slot back and keeps nothing of its entry alive. */
  remove(slot: number): void {
    const page = this.pages[slot >>> PAGE_BITS]!;
    const at = (slot & PAGE_MASK) << 1;
    page[at] = undefined;
    page[at + 1] = undefined;
    this.table.remove(slot);
  }

  key(slot: number): string {
    return this.pages[slot >>> PAGE_BITS]![(slot & PAGE_MASK) << 1] as string;
  }

  value(slot: number): Value | undefined {
    return this.pages[slot >>> PAGE_BITS]![((slot & PAGE_MASK) << 1) + 1] as Value | undefined;
  }

  setValue(slot: number, value: Value | undefined): void {
    this.pages[slot >>> PAGE_BITS]![((slot & PAGE_MASK) << 1) + 1] = value;
  }
}
