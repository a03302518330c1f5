import type { FleetProblem } from '../../../../shared/fleet/fleet-problem.ts';

/** A mistake at its place in the text, for the underline. */
export interface PlacedProblem {
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly hint: string | undefined;
  /** Replaces the underlined words by what the hint proposes. */
  readonly fix: { readonly label: string; readonly insert: string } | undefined;
}

/**
 * Where a mistake is underlined: the word at its line and column (UTF-16 units, lines that end with `\n`), at least one
 * character. A place beyond the line's or the text's end is moved to the nearest one that exists.
 *
 * @returns `undefined` for a mistake of another file or of an override: it has no place in this text.
 */
export function placeProblem(text: string, problem: FleetProblem, isOwnFile: boolean): PlacedProblem | undefined {
  if (!isOwnFile || problem.line < 1) return undefined;
  const { start, end } = findLine(text, problem.line);
  const from = Math.min(start + Math.max(0, problem.column - 1), end);
  const word = /^(?:"[^"\n]*"|'[^'\n]*'|[^\s,:#[\]{}]+)/.exec(text.slice(from, end))?.[0] ?? '';
  let to = from + Math.max(1, word.length);
  let begin = from;
  if (to > end) {
    to = end;
    begin = Math.max(start, Math.min(from, end - 1));
  }
  return { from: begin, to, message: problem.message, hint: problem.hint, fix: findFix(word, problem.hint) };
}

/** Start and end of a line, from 1; the last line for a number beyond. */
export function findLine(text: string, line: number): { readonly start: number; readonly end: number } {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const newline = text.indexOf('\n', start);
    if (newline === -1) break;
    start = newline + 1;
  }
  const end = text.indexOf('\n', start);
  return { start, end: end === -1 ? text.length : end };
}

function findFix(word: string, hint: string | undefined): PlacedProblem['fix'] {
  const proposed = /^did you mean `([^`]+)`\?$/.exec(hint ?? '')?.[1];
  if (proposed === undefined || word === '') return undefined;
  const quote = word[0] === '"' || word[0] === "'" ? word[0] : '';
  return { label: `Change to ${proposed}`, insert: quote + proposed + quote };
}

/** Whether a mistake is of the text itself: named by its path, or by how the path ends. */
export function isOf(problem: FleetProblem, path: string): boolean {
  if (problem.file.startsWith('--set')) return false;
  const [own = '', named = ''] = [path, problem.file].map((file) => file.replaceAll('\\', '/'));
  return own === named || own.endsWith(`/${named}`);
}
