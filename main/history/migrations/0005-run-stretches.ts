import type { Migration } from './migration.ts';

/**
 * Fills what the new columns tell from what older programs recorded; followed by nothing (every run) or a `WHERE run = …`.
 *
 * A run that goes on (`running`) right after it was at work had been interrupted, which older programs did not record as a
 * change: that stretch ends with the last change of state of any of its agents before.
 */
export const FILL_RUN_STRETCHES = `
UPDATE runs SET
  agents_cut_short =
    (SELECT count(*) FROM sessions WHERE sessions.run = runs.run AND sessions.state IN ('stopped', 'interrupted')),
  worked_ms = coalesce((
    SELECT sum(max(0, CASE
        WHEN later_state = 'running' THEN (
          SELECT before.at_ms FROM events AS before
          WHERE before.run = runs.run AND before.id < later_id ORDER BY before.id DESC LIMIT 1)
        ELSE coalesce(later_at_ms, runs.ended_at_ms, began_at_ms) END - began_at_ms))
    FROM (
      SELECT changes.state AS was, changes.at_ms AS began_at_ms, lead(changes.id) OVER by_id AS later_id,
        lead(changes.state) OVER by_id AS later_state, lead(changes.at_ms) OVER by_id AS later_at_ms
      FROM events AS changes WHERE changes.run = runs.run AND changes.agent IS NULL
      WINDOW by_id AS (ORDER BY changes.id))
    WHERE was IN ('running', 'stopping')), 0),
  working_since_ms = CASE WHEN state IN ('running', 'stopping') THEN
    (SELECT at_ms FROM events WHERE events.run = runs.run AND agent IS NULL ORDER BY id DESC LIMIT 1) END`;

/**
 * What a list of runs shows without looking at their agents: how many were cut short, and for how long the run was at work
 * (`worked_ms` of the stretches that are over, `working_since_ms` of the one that lasts). `budget` is that of the run as it
 * stood last, as JSON; NULL while it is what the fleet file says.
 */
export const runStretches: Migration = {
  version: 5,
  sql: `
ALTER TABLE runs ADD COLUMN agents_cut_short INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN worked_ms REAL NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN working_since_ms REAL;
ALTER TABLE runs ADD COLUMN budget TEXT CHECK (budget IS NULL OR json_valid(budget));
${FILL_RUN_STRETCHES};
`,
};
