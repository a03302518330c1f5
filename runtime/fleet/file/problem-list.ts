import type { FleetProblem } from '../../../shared/fleet/fleet-problem.ts';
import { toProblem, type Place } from './source-text.ts';

/** Problems shown of one fleet; a table with a wrong separator would bring one per row. */
const MAX_PROBLEMS = 500;

/** The mistakes found so far. Holds at most `MAX_PROBLEMS`; those beyond are counted. */
export interface ProblemList {
  /** Those held, in the order in which they were found. */
  readonly held: readonly FleetProblem[];
  /** Those beyond the bound. */
  readonly leftOutCount: number;
  /** Takes a mistake in; one that is known already, at the same place in the same words, is left out. */
  add(place: Place, message: string, hint?: string): void;
  /** As `add`, for a file that is not held as text. */
  addProblem(problem: FleetProblem): void;
  /** Takes over those of another list that are wanted. */
  addFrom(other: ProblemList, isWanted: (problem: FleetProblem) => boolean): void;
  /** In the order of the files and their lines, with a last one that counts those left out. */
  toSorted(): FleetProblem[];
}

/** A list without problems. */
export function createProblemList(): ProblemList {
  const held: FleetProblem[] = [];
  const known = new Set<string>();
  let leftOutCount = 0;
  const addProblem = (problem: FleetProblem) => {
    const key = `${problem.file}\0${problem.line}\0${problem.column}\0${problem.message}`;
    if (known.has(key)) return;
    if (held.length >= MAX_PROBLEMS) {
      leftOutCount += 1;
      return;
    }
    known.add(key);
    held.push(problem);
  };
  return {
    held,
    get leftOutCount() {
      return leftOutCount;
    },
    add: (place, message, hint) => addProblem(toProblem(place, message, hint)),
    addProblem,
    addFrom(other, isWanted) {
      for (const problem of other.held) if (isWanted(problem)) addProblem(problem);
      leftOutCount += other.leftOutCount;
    },
    toSorted() {
      const files = [...new Set(held.map(({ file }) => file))];
      const sorted = held.toSorted(
        (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
      );
      const last = sorted.at(-1);
      if (last && leftOutCount > 0) sorted.push({ ...last, message: `${leftOutCount} more problems are not shown` });
      return sorted;
    },
  };
}
