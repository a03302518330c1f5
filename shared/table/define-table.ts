/** How a column is stored. `choice` is one byte: a place in a list of words. */
export type ColumnKind = 'u8' | 'u32' | 'f64' | 'text' | readonly string[];

/** A table's columns by name, in their order on the wire. */
export type Columns = Readonly<Record<string, ColumnKind>>;

/** A table that crosses processes as one binary message. */
export interface TableSchema<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
  /** Of the name, the columns and their kinds: both sides have the same schema when it is the same. */
  readonly fingerprint: number;
}

/** Declares a table. Adding, renaming or reordering a column makes it another table. */
export function defineTable<const C extends Columns>(name: string, columns: C): TableSchema<C> {
  return { name, columns, fingerprint: fingerprintOf(JSON.stringify([name, Object.entries(columns)])) };
}

/** FNV-1a, 32 bits (draft-eastlake-fnv). */
function fingerprintOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
