import { EntryList } from '../table/entry-list.ts';
import { type EntryTable } from '../table/entry-table.ts';
import { FrequencySketch } from '../table/frequency-sketch.ts';
import type { Policy } from './policy.ts';

/** Share of the window; the paper's value for caches that know nothing of their use. */
const WINDOW_RATIO = 0.01;
/** Share of the main part that is kept for those used again while in it. */
const PROTECTED_RATIO = 0.8;
/** The first quarter of the protected entries is near enough to the head: the most popular are then hardly ever moved. */
const NEAR_SHIFT = 2;

/**
 * W-TinyLFU: new entries live in a small window; leaving it, one takes the place of the main part's own victim only when it
 * was used more often of late. Keeps what is popular through scans and loops.
 *
 * Source: G. Einziger, R. Friedman, B. Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM TOS 13(4), 2017.
 */
export class WindowTinyLfuPolicy implements Policy {
  /** Share of the entries in the window, 0..1; the window follows as entries come and go. */
  windowRatio = WINDOW_RATIO;
  private readonly table: EntryTable;
  private readonly sketch: FrequencySketch;
  private readonly ownsSketch: boolean;
  private readonly window: EntryList;
  private readonly probation: EntryList;
  private readonly guarded: EntryList;
  /** How often an entry was put at the head of the protected ones; 32 bits. */
  private moves = 0;

  /** @param sketch Counts that are kept by someone else; without it the policy keeps its own. */
  constructor(table: EntryTable, sketch?: FrequencySketch) {
    this.table = table;
    this.sketch = sketch ?? new FrequencySketch();
    this.ownsSketch = sketch === undefined;
    this.window = new EntryList(table, 1);
    this.probation = new EntryList(table, 2);
    this.guarded = new EntryList(table, 3);
  }

  add(slot: number): void {
    if (this.ownsSketch) this.sketch.fit(this.table.count);
    this.count(slot);
    this.window.push(slot);
    const maxWindow = this.maxWindow();
    while (this.window.size > maxWindow) this.probation.push(this.window.pop());
  }

  hit(slot: number): void {
    this.count(slot);
    if (this.guarded.has(slot)) return this.renew(slot);
    if (this.window.has(slot)) return this.window.toHead(slot);
    this.probation.remove(slot);
    this.table.setMark(slot, (this.moves = (this.moves + 1) | 0));
    this.guarded.push(slot);
    const maxGuarded = Math.floor(this.table.count * (1 - this.windowRatio) * PROTECTED_RATIO);
    while (this.guarded.size > maxGuarded) this.probation.push(this.guarded.pop());
  }

  remove(slot: number): void {
    this.listOf(slot).remove(slot);
  }

  takeVictim(): number {
    const { window, table, sketch } = this;
    const main = this.probation.size > 0 ? this.probation : this.guarded;
    if (main.size === 0) return window.pop();
    if (window.size < this.maxWindow()) return main.pop();
    const candidate = window.pop();
    const victim = main.tail;
    if (sketch.countOf(table.hash(candidate)) <= sketch.countOf(table.hash(victim))) return candidate;
    main.pop();
    this.probation.push(candidate);
    return victim;
  }

  /** Moves a protected entry to the head, unless so few were moved there since that it is still near it. */
  private renew(slot: number): void {
    const { table, guarded } = this;
    if (((this.moves - table.mark(slot)) | 0) < guarded.size >>> NEAR_SHIFT) return;
    table.setMark(slot, (this.moves = (this.moves + 1) | 0));
    guarded.toHead(slot);
  }

  private count(slot: number): void {
    if (this.ownsSketch) this.sketch.add(this.table.hash(slot), this.table.count);
  }

  private maxWindow(): number {
    return Math.max(1, Math.floor(this.table.count * this.windowRatio));
  }

  private listOf(slot: number): EntryList {
    if (this.window.has(slot)) return this.window;
    return this.guarded.has(slot) ? this.guarded : this.probation;
  }
}
