import type { Migration } from './migration.ts';

/**
 * Runs and what happened in them.
 *
 * Ids of sessions, answers, turns, tool calls, events and notices share one sequence a run: `run × 2^31 + n`. So a run's
 * rows lie together in every table, newest first is `id` descending, and one number names a row for the word index.
 */
export const records: Migration = {
  version: 1,
  sql: `
CREATE TABLE runs (
  run INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE CHECK (length(run_id) BETWEEN 1 AND 64),
  fleet TEXT NOT NULL,
  fleet_path TEXT NOT NULL,
  fleet_text TEXT NOT NULL,
  overrides TEXT NOT NULL CHECK (json_valid(overrides)),
  workspace TEXT NOT NULL,
  settings_version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued','running','paused','stopping','done','failed','stopped','interrupted')),
  reason TEXT,
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  started_at_ms REAL NOT NULL,
  ended_at_ms REAL,
  changed_at_ms REAL NOT NULL,
  next_id INTEGER NOT NULL,
  agents INTEGER NOT NULL,
  agents_done INTEGER NOT NULL DEFAULT 0,
  agents_failed INTEGER NOT NULL DEFAULT 0,
  agents_at_limit INTEGER NOT NULL DEFAULT 0,
  turns INTEGER NOT NULL DEFAULT 0,
  retries INTEGER NOT NULL DEFAULT 0,
  tool_calls INTEGER NOT NULL DEFAULT 0,
  tool_calls_failed INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  cost_usd REAL NOT NULL DEFAULT 0,
  unpriced_turns INTEGER NOT NULL DEFAULT 0,
  CHECK (next_id >> 31 = run)
) STRICT;

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  agent INTEGER NOT NULL CHECK (agent >= 0),
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('model','acp','command')),
  state TEXT NOT NULL CHECK (state IN ('queued','asking','running tools','waiting for approval','retrying','paused',
    'done','limit reached','failed','stopped','interrupted')),
  reason TEXT,
  stop TEXT CHECK (stop IS NULL OR json_valid(stop)),
  added_at_ms REAL NOT NULL,
  changed_at_ms REAL NOT NULL,
  elapsed_ms REAL NOT NULL DEFAULT 0,
  began_id INTEGER NOT NULL DEFAULT 0,
  answer_id INTEGER,
  CHECK (id >> 31 = run)
) STRICT;
CREATE UNIQUE INDEX sessions_by_agent ON sessions (run, agent);
CREATE INDEX sessions_by_state ON sessions (run, state);

CREATE TABLE prompts (
  id INTEGER PRIMARY KEY REFERENCES sessions (id),
  system TEXT NOT NULL,
  prompt TEXT NOT NULL
) STRICT;

CREATE TABLE answers (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  agent INTEGER NOT NULL,
  answer TEXT NOT NULL,
  CHECK (id >> 31 = run)
) STRICT;

CREATE TABLE turns (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  agent INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asking','done','broken','cancelled')),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  started_at_ms REAL NOT NULL,
  wait_ms REAL,
  first_token_ms REAL,
  ms REAL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cached_input_tokens INTEGER,
  cache_write_input_tokens INTEGER,
  cost_usd REAL,
  text TEXT NOT NULL,
  tool_calls TEXT CHECK (tool_calls IS NULL OR json_valid(tool_calls)),
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  CHECK (id >> 31 = run)
) STRICT;
CREATE INDEX turns_by_agent ON turns (run, agent, turn);

CREATE TABLE tool_calls (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  agent INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  call INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running','done','failed','denied','cancelled','unknown')),
  tool TEXT NOT NULL,
  provider_call_id TEXT NOT NULL,
  started_at_ms REAL NOT NULL,
  wait_ms REAL,
  ms REAL,
  output_bytes INTEGER,
  arguments TEXT NOT NULL,
  output TEXT,
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  CHECK (id >> 31 = run)
) STRICT;
CREATE INDEX tool_calls_by_agent ON tool_calls (run, agent, call);

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  agent INTEGER,
  at_ms REAL NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  until_ms REAL,
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  CHECK (id >> 31 = run)
) STRICT;

CREATE TABLE notices (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  agent INTEGER,
  at_ms REAL NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info','warning','error')),
  text TEXT NOT NULL,
  CHECK (id >> 31 = run)
) STRICT;

CREATE TABLE metric_frames (
  id INTEGER PRIMARY KEY,
  at_ms REAL NOT NULL,
  figures TEXT NOT NULL CHECK (json_valid(figures))
) STRICT;
CREATE INDEX metric_frames_by_time ON metric_frames (at_ms);

CREATE TABLE setting_versions (
  version INTEGER PRIMARY KEY,
  at_ms REAL NOT NULL,
  settings TEXT NOT NULL CHECK (json_valid(settings))
) STRICT;

CREATE TABLE setting_changes (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  at_ms REAL NOT NULL,
  key TEXT NOT NULL,
  from_value TEXT,
  to_value TEXT,
  changed_by TEXT NOT NULL
) STRICT;
`,
};
