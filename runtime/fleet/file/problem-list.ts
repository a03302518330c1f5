import type { FleetProblem } from '../../../shared/fleet/fleet-problem.ts';
import { toProblem, type Place } from './source-text.ts';

/** Problems shown of one fleet; a table with a wrong separator would bring one per row. */
export const MAX_PROBLEMS = 500;

/** The mistakes found so far. Holds at most `MAX_PROBLEMS`; those beyond are counted. */
export interface ProblemList {
  readonly count: number;
  /** Takes a mistake in; one that is known already, at the same place in the same words, is left out. */
  add(place: Place, message: string, hint?: string): void;
  /** As `add`, for a file that is not held as text. */
  addProblem(problem: FleetProblem): void;
  /** In the order of the files and their lines, with a last one that counts those left out. */
  toSorted(): FleetProblem[];
}

/** A list without problems. */
export function createProblemList(): ProblemList {
  const problems = new Map<string, FleetProblem>();
  const files: string[] = [];
  let leftOut = 0;
  const take = (problem: FleetProblem) => {
    const key = `${problem.file}\0${problem.line}\0${problem.column}\0${problem.message}`;
    if (problems.has(key)) return;
    if (problems.size >= MAX_PROBLEMS) leftOut += 1;
    else problems.set(key, problem);
    if (!files.includes(problem.file)) files.push(problem.file);
  };
  return {
    get count() {
      return problems.size + leftOut;
    },
    add: (place, message, hint) => take(toProblem(place, message, hint)),
    addProblem: take,
    toSorted() {
      const sorted = [...problems.values()].toSorted(
        (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
      );
      const last = sorted.at(-1);
      if (last && leftOut > 0) sorted.push({ ...last, message: `${leftOut} more problems are not shown` });
      return sorted;
    },
  };
}
