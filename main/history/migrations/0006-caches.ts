import type { Migration } from './migration.ts';

/**
 * Which turns and tool calls were answered from the cache, by the ids of their rows: most were not, and their rows stay as they
 * are. And the contexts of sessions that left the memory of the program that runs; nothing of them is left for the next.
 */
export const caches: Migration = {
  version: 6,
  sql: `
CREATE TABLE cached_answers (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE spilled_contexts (session TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT, WITHOUT ROWID;
`,
};
