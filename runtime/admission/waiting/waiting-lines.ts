import type { Priority } from '../gate.ts';
import { FULL_TURN, join, part, type Member } from './turns.ts';
import type { WaitingRecords } from './waiting-records.ts';

const NONE = -1;
/** By level: 0 starts first. */
export const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];
/** Owners without work are kept up to this many, because most of them will be back. */
const IDLE_OWNERS_KEPT = 1024;

/** The waiting work of one owner at one priority, first in first out; a member of its run's turns. */
export interface Line extends Member<Line> {
  readonly owner: Owner;
  readonly run: RunLines;
  readonly level: number;
  head: number;
  tail: number;
}

/** The lines of one run at one priority: its agents take turns, and it takes turns with the other runs. */
export interface RunLines extends Member<RunLines> {
  readonly round: Round;
  readonly of: Run;
  turn: Line | undefined;
}

/** The runs with something to start at one priority. */
export interface Round {
  turn: RunLines | undefined;
  /** Starts of other priorities since it last had one, while it had something to start. */
  passedOver: number;
}

/** An agent, a run, or whatever else work is submitted for. */
export interface Owner {
  readonly name: string;
  readonly run: Run;
  readonly lines: (Line | undefined)[];
  waiting: number;
  /** Slots it holds; counted only while there is a ceiling. */
  running: number;
  weight: number;
  held: boolean;
  /** Whether its work may not start: it is held, or holds all the slots it may. */
  isBlocked: boolean;
}

interface Run {
  readonly name: string;
  readonly lines: (RunLines | undefined)[];
  readonly owners: Set<Owner>;
  weight: number;
}

/** What the lines ask about owners. */
export interface OwnerRules {
  isHeld(owner: string): boolean;
  weightOf(owner: string): number;
}

/** Whether `owner` is `prefix` or one of its parts: `run` covers `run/3`, and `run/3` does not cover `run/30`. */
export function isOwnedBy(owner: string, prefix: string): boolean {
  return owner.startsWith(prefix) && (owner.length === prefix.length || owner[prefix.length] === '/');
}

/**
 * The order in which waiting work starts.
 *
 * - By priority, with ageing: after `ageingStarts` starts of others `normal` goes next, after twice as many `low` does. So
 *   of any `2 × ageingStarts + 1` starts one is `low` as long as something of it may start, and of any `ageingStarts + 2`
 *   one is `normal`.
 * - Within a priority runs take turns, within a run its agents, within an agent first in first out: deficit round robin on
 *   two levels. A turn is worth the member's weight; what it starts is charged, what is left is kept while it has work.
 *   So neither a run of 10,000 agents nor an agent with 10,000 calls holds up another.
 * - An owner that is held, or holds as many slots as `ceiling` allows, is passed over; its work keeps its place.
 *
 * Every step is a constant number of operations, whatever waits.
 *
 * Source: M. Shreedhar, G. Varghese, "Efficient Fair Queuing Using Deficit Round-Robin", IEEE/ACM Transactions on
 * Networking 4(3), 1996; here a turn is granted when the one before it ends, which gives the same order.
 */
export class WaitingLines {
  /** Records that may be started now: all that wait, without those of owners that are passed over. */
  startable = 0;
  /** All records that wait. */
  size = 0;
  /** See the class; 1 and more. */
  ageingStarts: number;
  private readonly high: Round = { turn: undefined, passedOver: 0 };
  private readonly normal: Round = { turn: undefined, passedOver: 0 };
  private readonly low: Round = { turn: undefined, passedOver: 0 };
  /** By level. */
  readonly rounds: readonly Round[] = [this.high, this.normal, this.low];
  private slotCeiling = Number.POSITIVE_INFINITY;
  private readonly records: WaitingRecords;
  private readonly rules: OwnerRules;
  private readonly owners = new Map<string, Owner>();
  private readonly runs = new Map<string, Run>();
  private busyOwners = 0;
  private lastOwner: Owner | undefined;

  constructor(records: WaitingRecords, rules: OwnerRules, ageingStarts: number) {
    this.records = records;
    this.rules = rules;
    this.ageingStarts = ageingStarts;
  }

  /** Slots an owner may hold at once. */
  get ceiling(): number {
    return this.slotCeiling;
  }

  /** Puts a record at the end of its owner's line. */
  push(record: number, ownerName: string, priority: Priority): void {
    const owner = this.ownerOf(ownerName);
    if (owner.waiting++ === 0 && owner.running === 0) this.busyOwners++;
    const level = priority === 'normal' ? 1 : priority === 'high' ? 0 : 2;
    const line = owner.lines[level] ?? this.openLine(owner, level);
    this.records.setPlace(record, line);
    this.records.next[record] = NONE;
    this.records.previous[record] = line.tail;
    if (line.tail === NONE) {
      line.head = record;
      if (!owner.isBlocked) enter(line);
    } else this.records.next[line.tail] = record;
    line.tail = record;
    this.size++;
    if (!owner.isBlocked) this.startable++;
  }

  /** The record whose turn it is; only when `startable` is not 0. */
  first(): number {
    const round = this.nextRound();
    for (;;) {
      const run = round.turn!;
      const line = run.turn!;
      const cost = this.records.cost[line.head]!;
      if (line.credit < cost) passOn(line);
      else if (run.credit < cost) passRunOn(run);
      else return line.head;
    }
  }

  /** Takes the record that `first` answered, charges it to its owner and run, and passes on turns that are spent. */
  takeFirst(record: number): void {
    const line = this.records.placeOf(record) as Line;
    const { run } = line;
    const cost = this.records.cost[record]!;
    run.credit -= cost;
    this.noteStartAt(line.level);
    // A line that is empty now leaves its ring, which passes its turn on.
    if (line.head !== line.tail) {
      line.credit -= cost;
      if (line.credit === 0) passOn(line);
    }
    // Before the record leaves: the run may leave with it, which moves the turn itself.
    if (run.credit === 0) passRunOn(run);
    this.remove(record);
  }

  /** Takes any record out. */
  remove(record: number): void {
    const line = this.records.placeOf(record) as Line;
    const { owner } = line;
    const next = this.records.next[record]!;
    const previous = this.records.previous[record]!;
    if (next === NONE) line.tail = previous;
    else this.records.previous[next] = previous;
    if (previous === NONE) line.head = next;
    else this.records.next[previous] = next;
    this.size--;
    if (!owner.isBlocked) {
      this.startable--;
      if (line.head === NONE) leave(line);
    }
    if (--owner.waiting === 0 && owner.running === 0) this.busyOwners--;
  }

  /** Whether `ownerName` holds as many slots as it may. */
  isAtCeiling(ownerName: string): boolean {
    return (this.owners.get(ownerName)?.running ?? 0) >= this.slotCeiling;
  }

  /** Notes that work of `ownerName` got a slot; the answer is for `noteEnd`. Only while there is a ceiling. */
  noteStart(ownerName: string): Owner {
    const owner = this.ownerOf(ownerName);
    if (owner.running++ === 0 && owner.waiting === 0) this.busyOwners++;
    if (owner.running >= this.slotCeiling) this.applyBlock(owner);
    return owner;
  }

  noteEnd(owner: Owner): void {
    if (--owner.running === 0 && owner.waiting === 0) this.busyOwners--;
    if (owner.isBlocked) this.applyBlock(owner);
  }

  /** Changes the ceiling; whoever holds slots at that moment has to be noted anew when there was none before. */
  setCeiling(ceiling: number): void {
    this.slotCeiling = ceiling;
    for (const owner of this.owners.values()) this.applyBlock(owner);
  }

  /** Takes up that `isHeld` answers differently than before for `prefix` and its parts. */
  applyHolds(prefix: string): void {
    for (const owner of this.ownersOf(prefix)) {
      owner.held = this.rules.isHeld(owner.name);
      this.applyBlock(owner);
    }
  }

  /** Takes up that `weightOf` answers differently for a run or an agent; it counts from its next turn on. */
  applyWeight(name: string): void {
    const weight = this.rules.weightOf(name);
    const run = this.runs.get(name);
    if (run !== undefined) run.weight = weight;
    const agent = name.includes('/') ? this.owners.get(name) : undefined;
    if (agent !== undefined) agent.weight = weight;
  }

  /** Every record of the owners that `prefix` covers, or of all, in no particular order. */
  *recordsOf(prefix?: string): Generator<number> {
    for (const owner of prefix === undefined ? this.owners.values() : this.ownersOf(prefix)) {
      if (owner.waiting === 0) continue;
      for (const line of owner.lines) {
        for (let record = line?.head ?? NONE, next: number; record !== NONE; record = next) {
          next = this.records.next[record]!;
          yield record;
        }
      }
    }
  }

  /** How many records of the owners that `prefix` covers, or of all, may be started now. */
  startableOf(prefix?: string): number {
    if (prefix === undefined) return this.startable;
    let count = 0;
    for (const owner of this.ownersOf(prefix)) if (!owner.isBlocked) count += owner.waiting;
    return count;
  }

  private *ownersOf(prefix: string): Generator<Owner> {
    for (const owner of this.runs.get(runNameOf(prefix))?.owners ?? []) {
      if (isOwnedBy(owner.name, prefix)) yield owner;
    }
  }

  private nextRound(): Round {
    const { high, normal, low } = this;
    if (low.turn !== undefined && low.passedOver >= 2 * this.ageingStarts) return low;
    if (normal.turn !== undefined && normal.passedOver >= this.ageingStarts) return normal;
    return high.turn !== undefined ? high : normal.turn !== undefined ? normal : low;
  }

  private noteStartAt(level: number): void {
    const { normal, low } = this;
    if (level === 2) low.passedOver = 0;
    else if (low.turn !== undefined) low.passedOver++;
    if (level === 1) normal.passedOver = 0;
    else if (normal.turn !== undefined) normal.passedOver++;
  }

  private applyBlock(owner: Owner): void {
    const isBlocked = owner.held || owner.running >= this.slotCeiling;
    if (isBlocked === owner.isBlocked) return;
    owner.isBlocked = isBlocked;
    this.startable += isBlocked ? -owner.waiting : owner.waiting;
    for (const line of owner.lines) {
      if (line === undefined || line.head === NONE) continue;
      if (isBlocked) leave(line);
      else enter(line);
    }
  }

  private ownerOf(name: string): Owner {
    if (this.lastOwner?.name === name) return this.lastOwner;
    const owner = this.owners.get(name) ?? this.openOwner(name);
    this.lastOwner = owner;
    return owner;
  }

  private openOwner(name: string): Owner {
    if (this.owners.size >= IDLE_OWNERS_KEPT + 2 * this.busyOwners) this.forgetIdleOwners();
    const run = this.runOf(runNameOf(name));
    const held = this.rules.isHeld(name);
    const owner: Owner = {
      name,
      run,
      lines: [undefined, undefined, undefined],
      waiting: 0,
      running: 0,
      // The run's own work has no agent: its weight is the run's.
      weight: name.includes('/') ? this.rules.weightOf(name) : 1,
      held,
      isBlocked: held,
    };
    run.owners.add(owner);
    this.owners.set(name, owner);
    return owner;
  }

  private runOf(name: string): Run {
    let run = this.runs.get(name);
    if (run === undefined) {
      run = { name, lines: [undefined, undefined, undefined], owners: new Set(), weight: this.rules.weightOf(name) };
      this.runs.set(name, run);
    }
    return run;
  }

  private openLine(owner: Owner, level: number): Line {
    const run = (owner.run.lines[level] ??= {
      round: this.rounds[level]!,
      of: owner.run,
      turn: undefined,
      credit: 0,
      after: undefined,
      before: undefined,
    });
    const line = { owner, run, level, head: NONE, tail: NONE, credit: 0, after: undefined, before: undefined };
    return (owner.lines[level] = line);
  }

  private forgetIdleOwners(): void {
    for (const owner of this.owners.values()) {
      if (owner.waiting > 0 || owner.running > 0) continue;
      this.owners.delete(owner.name);
      owner.run.owners.delete(owner);
      if (owner.run.owners.size === 0) this.runs.delete(owner.run.name);
    }
    this.lastOwner = undefined;
  }
}

/** The run that an owner is a part of, or is. */
export function runNameOf(owner: string): string {
  const slash = owner.indexOf('/');
  return slash < 0 ? owner : owner.slice(0, slash);
}

function enter(line: Line): void {
  const { run } = line;
  if (run.turn === undefined) run.round.turn = join(run.round.turn, run, run.of.weight * FULL_TURN);
  run.turn = join(run.turn, line, line.owner.weight * FULL_TURN);
}

function leave(line: Line): void {
  const { run } = line;
  run.turn = part(run.turn, line);
  if (run.turn !== undefined) return;
  const { round } = run;
  round.turn = part(round.turn, run);
  if (round.turn === undefined) round.passedOver = 0;
}

/** Ends a line's turn and grants it its next one. */
function passOn(line: Line): void {
  line.credit += line.owner.weight * FULL_TURN;
  line.run.turn = line.after;
}

function passRunOn(run: RunLines): void {
  run.credit += run.of.weight * FULL_TURN;
  run.round.turn = run.after;
}
