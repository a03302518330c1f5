import type { Priority } from './gate.ts';
import type { WaitingRecords } from './waiting-records.ts';

const NONE = -1;
const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];
/** Owners without waiting work are kept up to this many, because most of them will be back. */
const IDLE_OWNERS_KEPT = 1024;

/** The waiting work of one owner at one priority, first in first out. */
export interface Line {
  readonly owner: Owner;
  readonly run: RunLines;
  head: number;
  tail: number;
  /** Neighbours in the round of its run's lines; itself when it is alone, `undefined` while it is not in the round. */
  after: Line | undefined;
  before: Line | undefined;
}

/** The lines of one run at one priority, as a ring: its agents take turns. */
interface RunLines {
  readonly round: Round;
  turn: Line | undefined;
  after: RunLines | undefined;
  before: RunLines | undefined;
}

/** The runs with something to start at one priority, as a ring: they take turns. */
interface Round {
  turn: RunLines | undefined;
}

interface Owner {
  readonly name: string;
  readonly run: Run;
  readonly lines: (Line | undefined)[];
  waiting: number;
  held: boolean;
}

interface Run {
  readonly name: string;
  readonly lines: (RunLines | undefined)[];
  owners: number;
}

/** Whether `owner` is `prefix` or one of its parts: `run` covers `run/3`, and `run/3` does not cover `run/30`. */
function isOwnedBy(owner: string, prefix: string): boolean {
  return owner.startsWith(prefix) && (owner.length === prefix.length || owner[prefix.length] === '/');
}

/**
 * The order in which waiting work starts: strictly by priority; within one, runs take turns, within a run its agents take
 * turns, within an agent first in first out. So neither a run of 10,000 agents nor an agent with 10,000 calls holds up another.
 *
 * Every step is a constant number of operations, whatever waits; work of held owners keeps its place and is passed over.
 */
export class WaitingLines {
  /** Records that may be started now: all that wait, without those of held owners. */
  startable = 0;
  /** All records that wait. */
  size = 0;
  private readonly records: WaitingRecords;
  private readonly isHeld: (owner: string) => boolean;
  private readonly rounds: readonly Round[] = PRIORITIES.map(() => ({ turn: undefined }));
  private readonly owners = new Map<string, Owner>();
  private readonly runs = new Map<string, Run>();
  private busyOwners = 0;
  private lastOwner: Owner | undefined;

  constructor(records: WaitingRecords, isHeld: (owner: string) => boolean) {
    this.records = records;
    this.isHeld = isHeld;
  }

  /** Puts a record at the end of its owner's line. */
  push(record: number, ownerName: string, priority: Priority): void {
    const owner = this.lastOwner?.name === ownerName ? this.lastOwner : this.ownerOf(ownerName);
    if (owner.waiting === 0) this.busyOwners++;
    owner.waiting++;
    const level = priority === 'normal' ? 1 : priority === 'high' ? 0 : 2;
    const line = owner.lines[level] ?? this.openLine(owner, level);
    this.records.setPlace(record, line);
    this.records.next[record] = NONE;
    this.records.previous[record] = line.tail;
    if (line.tail === NONE) {
      line.head = record;
      if (!owner.held) enter(line);
    } else this.records.next[line.tail] = record;
    line.tail = record;
    this.size++;
    if (!owner.held) this.startable++;
  }

  /** The record whose turn it is; only when `startable` is not 0. */
  first(): number {
    for (const round of this.rounds) if (round.turn !== undefined) return round.turn.turn!.head;
    return NONE;
  }

  /** Takes the record that `first` answered and passes the turn on. */
  takeFirst(record: number): void {
    const line = this.records.placeOf(record) as Line;
    const run = line.run;
    // The turn passes on before the record leaves: leaving may take the line out of its round, which moves the turn itself.
    run.turn = line.after;
    run.round.turn = run.after;
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
    if (!owner.held) {
      this.startable--;
      if (line.head === NONE) leave(line);
    }
    if (--owner.waiting === 0) this.busyOwners--;
  }

  /** Takes up that `isHeld` answers differently than before. */
  applyHolds(): void {
    for (const owner of this.owners.values()) {
      const held = this.isHeld(owner.name);
      if (held === owner.held) continue;
      owner.held = held;
      this.startable += held ? -owner.waiting : owner.waiting;
      for (const line of owner.lines) {
        if (line === undefined || line.head === NONE) continue;
        if (held) leave(line);
        else enter(line);
      }
    }
  }

  /** Every record of the owners that `prefix` covers, or of all, in no particular order. */
  *recordsOf(prefix?: string): Generator<number> {
    for (const owner of this.owners.values()) {
      if (owner.waiting === 0 || (prefix !== undefined && !isOwnedBy(owner.name, prefix))) continue;
      for (const line of owner.lines) {
        for (let record = line?.head ?? NONE, next: number; record !== NONE; record = next) {
          next = this.records.next[record]!;
          yield record;
        }
      }
    }
  }

  private ownerOf(name: string): Owner {
    let owner = this.owners.get(name);
    if (owner === undefined) {
      if (this.owners.size >= IDLE_OWNERS_KEPT + 2 * this.busyOwners) this.forgetIdleOwners();
      const slash = name.indexOf('/');
      const run = this.runOf(slash < 0 ? name : name.slice(0, slash));
      run.owners++;
      owner = { name, run, lines: [undefined, undefined, undefined], waiting: 0, held: this.isHeld(name) };
      this.owners.set(name, owner);
    }
    this.lastOwner = owner;
    return owner;
  }

  private runOf(name: string): Run {
    let run = this.runs.get(name);
    if (run === undefined) this.runs.set(name, (run = { name, lines: [undefined, undefined, undefined], owners: 0 }));
    return run;
  }

  private openLine(owner: Owner, level: number): Line {
    const run = (owner.run.lines[level] ??= {
      round: this.rounds[level]!,
      turn: undefined,
      after: undefined,
      before: undefined,
    });
    return (owner.lines[level] = { owner, run, head: NONE, tail: NONE, after: undefined, before: undefined });
  }

  private forgetIdleOwners(): void {
    for (const owner of this.owners.values()) {
      if (owner.waiting > 0) continue;
      this.owners.delete(owner.name);
      if (--owner.run.owners === 0) this.runs.delete(owner.run.name);
    }
    this.lastOwner = undefined;
  }
}

/** A member of a ring whose members take turns. */
interface Member<Self> {
  after: Self | undefined;
  before: Self | undefined;
}

/** Puts a member in last place: before the one whose turn it is. Answers whose turn it is. */
function join<M extends Member<M>>(turn: M | undefined, member: M): M {
  if (turn === undefined) {
    member.after = member.before = member;
    return member;
  }
  const last = turn.before!;
  member.after = turn;
  member.before = last;
  last.after = turn.before = member;
  return turn;
}

/** Takes a member out; answers whose turn it is then. */
function part<M extends Member<M>>(turn: M | undefined, member: M): M | undefined {
  const after = member.after!;
  const isAlone = after === member;
  member.before!.after = after;
  after.before = member.before;
  member.after = member.before = undefined;
  return isAlone ? undefined : turn === member ? after : turn;
}

function enter(line: Line): void {
  const { run } = line;
  if (run.turn === undefined) run.round.turn = join(run.round.turn, run);
  run.turn = join(run.turn, line);
}

function leave(line: Line): void {
  const { run } = line;
  run.turn = part(run.turn, line);
  if (run.turn === undefined) run.round.turn = part(run.round.turn, run);
}
