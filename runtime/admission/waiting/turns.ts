/** A member of a ring whose members take turns, each as much as its credit lasts. */
export interface Member<Self> {
  /** Neighbours; itself when it is alone, `undefined` while it is not in a ring. */
  after: Self | undefined;
  before: Self | undefined;
  /** What it may still be charged in its turn, in thousandths; at least one full turn while others have theirs. */
  credit: number;
}

/**
 * What one turn is worth, in thousandths, so that ten tenths are exactly one; a member of weight 3 gets three at a time. No
 * work costs more, so every turn starts something.
 */
export const FULL_TURN = 1_000;

/** Puts a member in last place, before the one whose turn it is, with `credit` for its turn. Answers whose turn it is. */
export function join<M extends Member<M>>(turn: M | undefined, member: M, credit: number): M {
  member.credit = credit;
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
export function part<M extends Member<M>>(turn: M | undefined, member: M): M | undefined {
  const after = member.after!;
  const isAlone = after === member;
  member.before!.after = after;
  after.before = member.before;
  member.after = member.before = undefined;
  return isAlone ? undefined : turn === member ? after : turn;
}
