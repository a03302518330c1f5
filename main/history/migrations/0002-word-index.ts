import type { Migration } from './migration.ts';

/**
 * The word index over prompts, answers, turns and tool calls, and how far it has come.
 *
 * The index holds no text of its own: its rowids are the ids of the rows. It is filled behind ingest: `word_cursors`
 * says up to which id a run is indexed, `word_late` names rows that changed after their id was passed.
 */
export const wordIndex: Migration = {
  version: 2,
  sql: `
CREATE VIRTUAL TABLE words USING fts5 (
  text, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TABLE word_cursors (
  run INTEGER PRIMARY KEY REFERENCES runs (run),
  indexed_id INTEGER NOT NULL
) STRICT;
CREATE TABLE word_late (id INTEGER PRIMARY KEY) STRICT;
INSERT INTO word_cursors (run, indexed_id) SELECT run, run << 31 FROM runs;
`,
};
