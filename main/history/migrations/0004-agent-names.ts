import type { Migration } from './migration.ts';

/**
 * Agents are found by any part of their names: an index by groups of three letters, whose rowids are the ids of the rows, so
 * that the newest are read first. It is kept by triggers: agents are few beside what they do, and whatever adds, renames or
 * deletes one (a run, an archive, pruning) cannot forget it.
 */
export const agentNames: Migration = {
  version: 4,
  sql: `
CREATE VIRTUAL TABLE agent_names USING fts5 (
  name, content = '', contentless_delete = 1, tokenize = 'trigram remove_diacritics 1'
);
INSERT INTO agent_names (rowid, name) SELECT id, name FROM sessions ORDER BY id;
CREATE TRIGGER sessions_added AFTER INSERT ON sessions BEGIN
  INSERT INTO agent_names (rowid, name) VALUES (new.id, new.name);
END;
CREATE TRIGGER sessions_renamed AFTER UPDATE OF name ON sessions WHEN old.name <> new.name BEGIN
  DELETE FROM agent_names WHERE rowid = old.id;
  INSERT INTO agent_names (rowid, name) VALUES (new.id, new.name);
END;
CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions BEGIN
  DELETE FROM agent_names WHERE rowid = old.id;
END;
`,
};
