import { FULL_TURN } from './turns.ts';
import type { Line, Owner, Round, RunLines, WaitingLines } from './waiting-lines.ts';
import type { WaitingRecords } from './waiting-records.ts';

const NONE = -1;

/** A line as it will be; the real one stays as it is. */
interface FutureLine {
  readonly owner: Owner;
  record: number;
  credit: number;
}

interface FutureRun {
  readonly weight: number;
  readonly lines: Turns<Line, FutureLine>;
  credit: number;
}

interface FutureRound {
  readonly runs: Turns<RunLines, FutureRun>;
  passedOver: number;
}

/** A ring of turns as it will be: members are copied when their first turn comes, so that those further back cost nothing. */
class Turns<Real extends { after: Real | undefined }, Future> {
  private readonly start: Real | undefined;
  private next: Real | undefined;
  private readonly toFuture: (member: Real) => Future;
  /** Those that have had a turn, in the order of the next ones. */
  private readonly again: Future[] = [];
  private at = 0;
  private current: Future | undefined;

  constructor(turn: Real | undefined, toFuture: (member: Real) => Future) {
    this.start = this.next = turn;
    this.toFuture = toFuture;
  }

  get first(): Future | undefined {
    if (this.current !== undefined) return this.current;
    const { next } = this;
    if (next === undefined) return (this.current = this.again[this.at++]);
    this.next = next.after === this.start ? undefined : next.after;
    return (this.current = this.toFuture(next));
  }

  passOn(): void {
    this.again.push(this.current!);
    this.current = undefined;
  }

  drop(): void {
    this.current = undefined;
  }
}

/**
 * What waits, in the order in which it starts if nothing comes, goes or changes; without what may not start at all, and
 * without what an owner has waiting beyond the slots it may hold.
 *
 * Each record costs a constant number of operations, whatever else waits.
 */
export function* startOrder(lines: WaitingLines, records: WaitingRecords): Generator<number> {
  const roomOf = new Map<Owner, number>();
  const hasCeiling = lines.ceiling < Number.POSITIVE_INFINITY;
  const roomFor = (owner: Owner): number => roomOf.get(owner) ?? lines.ceiling - owner.running;
  const rounds = lines.rounds.map(toFutureRound);
  const turns: (FutureLine | undefined)[] = [undefined, undefined, undefined];
  /** The line whose turn it is, after leaving out those that may start nothing more. */
  const lineOf = ({ runs }: FutureRound): FutureLine | undefined => {
    for (let run = runs.first; run !== undefined; run = runs.first) {
      for (let line = run.lines.first; line !== undefined; line = run.lines.first) {
        if (line.record === NONE || (hasCeiling && roomFor(line.owner) <= 0)) {
          run.lines.drop();
          continue;
        }
        const cost = records.cost[line.record]!;
        if (line.credit < cost) endTurn(run.lines, line, line.owner.weight);
        else if (run.credit < cost) break;
        else return line;
      }
      if (run.lines.first === undefined) runs.drop();
      else endTurn(runs, run, run.weight);
    }
    return undefined;
  };
  for (;;) {
    for (let level = 0; level < rounds.length; level++) turns[level] = lineOf(rounds[level]!);
    const level = levelOf(turns, rounds, lines.ageingStarts);
    const line = turns[level];
    if (line === undefined) return;
    const { record, owner } = line;
    const { runs } = rounds[level]!;
    const run = runs.first!;
    if (hasCeiling) roomOf.set(owner, roomFor(owner) - 1);
    line.credit -= records.cost[record]!;
    run.credit -= records.cost[record]!;
    line.record = records.next[record]!;
    if (line.credit === 0) endTurn(run.lines, line, owner.weight);
    if (run.credit === 0) endTurn(runs, run, run.weight);
    for (const round of rounds) round.passedOver++;
    rounds[level]!.passedOver = 0;
    yield record;
  }
}

function toFutureRound({ turn, passedOver }: Round): FutureRound {
  return { runs: new Turns(turn, toFutureRun), passedOver };
}

function toFutureRun(run: RunLines): FutureRun {
  return { weight: run.of.weight, credit: run.credit, lines: new Turns(run.turn, toFutureLine) };
}

function toFutureLine({ owner, head, credit }: Line): FutureLine {
  return { owner, record: head, credit };
}

function endTurn(turns: { passOn(): void }, member: { credit: number }, weight: number): void {
  member.credit += weight * FULL_TURN;
  turns.passOn();
}

/** As the lines themselves choose between priorities. */
function levelOf(turns: readonly unknown[], rounds: readonly FutureRound[], ageingStarts: number): number {
  if (turns[2] !== undefined && rounds[2]!.passedOver >= 2 * ageingStarts) return 2;
  if (turns[1] !== undefined && rounds[1]!.passedOver >= ageingStarts) return 1;
  return turns[0] !== undefined ? 0 : turns[1] !== undefined ? 1 : 2;
}
