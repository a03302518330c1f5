import { FULL_TURN } from './turns.ts';
import type { Line, Owner, RunLines, WaitingLines } from './waiting-lines.ts';
import type { WaitingRecords } from './waiting-records.ts';

const NONE = -1;

/** A line as it will be: its members and its place are those of the real one, which stays as it is. */
interface FutureLine {
  readonly owner: Owner;
  record: number;
  credit: number;
}

interface FutureRun {
  readonly weight: number;
  readonly lines: Turns<FutureLine>;
  credit: number;
}

interface FutureRound {
  readonly runs: Turns<FutureRun>;
  passedOver: number;
}

/** A queue whose first member has the turn; what is taken from the front costs nothing to leave behind. */
class Turns<M> {
  private readonly members: M[];
  private at = 0;

  constructor(members: M[]) {
    this.members = members;
  }

  get first(): M | undefined {
    return this.members[this.at];
  }

  passOn(): void {
    this.members.push(this.members[this.at++]!);
  }

  drop(): void {
    this.at++;
  }
}

function membersOf<M extends { after: M | undefined }>(turn: M | undefined): M[] {
  const members: M[] = [];
  for (let member = turn; member !== undefined; member = member.after === turn ? undefined : member.after) {
    members.push(member);
  }
  return members;
}

/**
 * What waits, in the order in which it starts if nothing comes, goes or changes; without what may not start at all, and
 * without what an owner has waiting beyond the slots it may hold.
 *
 * Asking costs a few operations for each line with something to start, then a constant number for each record it answers.
 */
export function* startOrder(lines: WaitingLines, records: WaitingRecords): Generator<number> {
  const roomOf = new Map<Owner, number>();
  const rounds = lines.rounds.map(({ turn, passedOver }): FutureRound => ({
    runs: new Turns(membersOf(turn).map(toFutureRun)),
    passedOver,
  }));
  /** The line whose turn it is, after leaving out those that may start nothing more. */
  const lineOf = ({ runs }: FutureRound): FutureLine | undefined => {
    for (let run = runs.first; run !== undefined; run = runs.first) {
      for (let line = run.lines.first; line !== undefined; line = run.lines.first) {
        const hasRoom = (roomOf.get(line.owner) ?? lines.ceiling - line.owner.running) > 0;
        const cost = line.record === NONE ? 0 : records.cost[line.record]!;
        if (line.record === NONE || !hasRoom) run.lines.drop();
        else if (line.credit < cost) endTurn(run.lines, line, line.owner.weight);
        else if (run.credit < cost) break;
        else return line;
      }
      if (run.lines.first === undefined) runs.drop();
      else endTurn(runs, run, run.weight);
    }
    return undefined;
  };
  for (;;) {
    const turns = rounds.map(lineOf);
    const level = levelOf(turns, rounds, lines.ageingStarts);
    const line = turns[level];
    if (line === undefined) return;
    const { record, owner } = line;
    const { runs } = rounds[level]!;
    const run = runs.first!;
    if (lines.ceiling < Number.POSITIVE_INFINITY) {
      roomOf.set(owner, (roomOf.get(owner) ?? lines.ceiling - owner.running) - 1);
    }
    line.credit -= records.cost[record]!;
    run.credit -= records.cost[record]!;
    line.record = records.next[record]!;
    if (line.credit === 0) endTurn(run.lines, line, owner.weight);
    if (run.credit === 0) endTurn(runs, run, run.weight);
    rounds.forEach((round, other) => {
      round.passedOver = other === level ? 0 : round.passedOver + 1;
    });
    yield record;
  }
}

function toFutureRun(run: RunLines): FutureRun {
  return { weight: run.of.weight, credit: run.credit, lines: new Turns(membersOf(run.turn).map(toFutureLine)) };
}

function toFutureLine({ owner, head, credit }: Line): FutureLine {
  return { owner, record: head, credit };
}

function endTurn<M extends { credit: number }>(turns: Turns<M>, member: M, weight: number): void {
  member.credit += weight * FULL_TURN;
  turns.passOn();
}

/** As the lines themselves choose between priorities. */
function levelOf(turns: readonly unknown[], rounds: readonly FutureRound[], ageingStarts: number): number {
  if (turns[2] !== undefined && rounds[2]!.passedOver >= 2 * ageingStarts) return 2;
  if (turns[1] !== undefined && rounds[1]!.passedOver >= ageingStarts) return 1;
  return turns[0] !== undefined ? 0 : turns[1] !== undefined ? 1 : 2;
}
