/** What the agents of one entry are made from: one row each. */
export interface Items {
  /** Names of placeholders, `index` beside. */
  readonly columns: readonly string[];
  /** As long as `columns`; a value a row does not have is `undefined`. */
  readonly rows: readonly (readonly (string | undefined)[])[];
  /** Where each row stands, for sources whose rows may lack a value. */
  readonly origin?: { readonly file: string; readonly lines: readonly number[] };
}

/** What a source may be read with. */
export interface ItemsContext {
  /** Absolute; `undefined` when the fleet's workspace cannot be used. */
  readonly workspace: string | undefined;
  /** Folder of the fleet file, absolute. */
  readonly folder: string;
  /** The same folder as its user named it, for messages. */
  readonly shownFolder: string;
  /** Rows wanted at most. */
  readonly limit: number;
  /** Whether more rows than `limit` are a mistake; else the rest is left out. */
  readonly isLimitHard: boolean;
}

/** A mistake in a source: at a place in the source's own file, or at the key that names it. */
export interface ItemsProblem {
  readonly at?: { readonly file: string; readonly line: number; readonly column: number };
  readonly message: string;
  readonly hint?: string;
}

/** The items, or why there are none. */
export interface ItemsResult {
  readonly items?: Items;
  readonly problems: readonly ItemsProblem[];
}
