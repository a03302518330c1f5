import { NONE, type EntryTable } from '../table/entry-table.ts';
import { createPolicy, type PolicyKind } from './create-policy.ts';
import type { Policy } from './policy.ts';

/** Which of two policies holds the entry. */
const SIDE = 0x100;

/**
 * A policy that can be exchanged while it is in use. Entries move to the new one a few at a time, those first that would have been
 * evicted first, so that the order is kept; until then evictions take from the old one.
 */
export class PolicySwitch implements Policy {
  private readonly table: EntryTable;
  private current: Policy;
  private side = 0;
  private leaving: Policy | undefined;
  private wantedKind: PolicyKind;
  private currentKind: PolicyKind;
  /** What the change under way leads to. */
  private nextKind: PolicyKind;

  constructor(kind: PolicyKind, table: EntryTable) {
    this.table = table;
    this.wantedKind = kind;
    this.currentKind = kind;
    this.nextKind = kind;
    this.current = createPolicy(kind, table);
  }

  /** What was chosen last. */
  get wanted(): PolicyKind {
    return this.wantedKind;
  }

  /** What all entries are held by, or were until the change under way is complete. */
  get effective(): PolicyKind {
    return this.currentKind;
  }

  /** Chooses another policy; `move` carries it out. A choice made during a change begins when that has ended. */
  choose(kind: PolicyKind): void {
    this.wantedKind = kind;
    if (this.leaving === undefined) this.begin();
  }

  /** Moves up to `count` entries; whether there are more to move. */
  move(count: number): boolean {
    const { leaving } = this;
    if (leaving === undefined) return false;
    for (let moved = 0; moved < count; moved++) {
      const slot = leaving.takeVictim();
      if (slot === NONE) {
        this.end();
        break;
      }
      this.add(slot);
    }
    return this.leaving !== undefined;
  }

  add(slot: number): void {
    this.table.setMeta(slot, (this.table.meta(slot) & ~SIDE) | this.side);
    this.current.add(slot);
  }

  hit(slot: number): void {
    if (this.leaving === undefined || this.isMoved(slot)) return this.current.hit(slot);
    this.leaving.remove(slot);
    this.add(slot);
  }

  remove(slot: number): void {
    (this.leaving === undefined || this.isMoved(slot) ? this.current : this.leaving).remove(slot);
  }

  takeVictim(): number {
    if (this.leaving !== undefined) {
      const slot = this.leaving.takeVictim();
      if (slot !== NONE) return slot;
      this.end();
    }
    return this.current.takeVictim();
  }

  private isMoved(slot: number): boolean {
    return (this.table.meta(slot) & SIDE) === this.side;
  }

  private begin(): void {
    if (this.wantedKind === this.currentKind) return;
    this.leaving = this.current;
    this.side ^= SIDE;
    this.nextKind = this.wantedKind;
    this.current = createPolicy(this.wantedKind, this.table);
  }

  private end(): void {
    this.leaving = undefined;
    this.currentKind = this.nextKind;
    this.begin();
  }
}
