import { records } from './0001-records.ts';
import { wordIndex } from './0002-word-index.ts';
import { agentEvents } from './0003-agent-events.ts';
import { agentNames } from './0004-agent-names.ts';
import { runStretches } from './0005-run-stretches.ts';
import { caches } from './0006-caches.ts';
import type { Migration } from './migration.ts';

/** Every step from an empty database to today's schema, in order. */
export const MIGRATIONS: readonly Migration[] = [records, wordIndex, agentEvents, agentNames, runStretches, caches];

/** The `user_version` this program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
