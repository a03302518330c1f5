/** One forward step of the schema. A published migration is never edited; the next one changes what it left. */
export interface Migration {
  /** The `user_version` the database has afterwards; 1 and up without gaps. */
  readonly version: number;
  readonly sql: string;
}
