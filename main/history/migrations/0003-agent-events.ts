import type { Migration } from './migration.ts';

/** The log of one agent reads its changes of state; without an index each look would read those of the whole run. */
export const agentEvents: Migration = {
  version: 3,
  sql: 'CREATE INDEX events_by_agent ON events (run, agent);',
};
