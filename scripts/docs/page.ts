/** A file of docs/ that is made from the source. */
export interface Page {
  /** Relative to the root of the project. */
  readonly path: string;
  readonly text: string;
}
