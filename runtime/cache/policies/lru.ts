import { EntryList } from '../table/entry-list.ts';
import type { EntryTable } from '../table/entry-table.ts';
import type { Policy } from './policy.ts';

/** Least recently used: good when what was used lately is used again; a loop larger than the cache never hits. */
export class LruPolicy implements Policy {
  private readonly entries: EntryList;

  constructor(table: EntryTable) {
    this.entries = new EntryList(table, 1);
  }

  add(slot: number): void {
    this.entries.push(slot);
  }

  hit(slot: number): void {
    this.entries.toHead(slot);
  }

  remove(slot: number): void {
    this.entries.remove(slot);
  }

  takeVictim(): number {
    return this.entries.pop();
  }
}
