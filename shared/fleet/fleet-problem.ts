/** One mistake in a fleet file, or in a file or override it draws on. */
export interface FleetProblem {
  /** The file as its user named it; for an override, `--set` itself: `--set limits.turns`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units; one past the last one at most. */
  readonly column: number;
  /** One sentence: what was expected, and what stands there. */
  readonly message: string;
  /** The way out, when there is one to propose. */
  readonly hint?: string;
  /** The line itself, for a caret under it; absent when it is long. */
  readonly sourceLine?: string;
}
