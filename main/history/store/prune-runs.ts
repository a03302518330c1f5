import { openForWriting, type Connection } from './database.ts';
import { toHistoryFailure } from './history-failure.ts';

/** Rows deleted in one transaction: a few milliseconds, so that a program that writes is not held up. */
const STEP_ROWS = 500;
const STEP_PAGES = 500;

/** Children before what they refer to. */
const TABLES = [
  'cached_answers',
  'tool_calls',
  'turns',
  'answers',
  'events',
  'notices',
  'prompts',
  'sessions',
] as const;

/** What a pruning freed. */
export interface PrunedHistory {
  readonly runs: number;
  readonly bytes: number;
}

/**
 * Deletes runs that began before `beforeMs` and have ended, oldest first, and gives their pages back to the disk, in small
 * steps.
 *
 * @throws {AppError} DATA_DIR_READ_ONLY, DISK_FULL, HISTORY_LOCKED, HISTORY_DAMAGED or HISTORY_NEWER.
 */
export function pruneRuns(dataDir: string, beforeMs: number): PrunedHistory {
  const connection = openForWriting(dataDir);
  try {
    const before = pages(connection);
    const runs = connection
      .prepare(
        `SELECT run FROM runs WHERE started_at_ms < ? AND state IN ('done', 'failed', 'stopped', 'interrupted') ORDER BY run`,
      )
      .pluck()
      .all(beforeMs) as number[];
    for (const run of runs) deleteRun(connection, run);
    while (vacuumStep(connection) > 0);
    connection.pragma('wal_checkpoint(TRUNCATE)');
    const pageBytes = connection.pragma('page_size', { simple: true }) as number;
    return { runs: runs.length, bytes: Math.max(0, before - pages(connection)) * pageBytes };
  } catch (error) {
    throw toHistoryFailure(error, dataDir);
  } finally {
    connection.close();
  }
}

function pages(connection: Connection): number {
  return connection.pragma('page_count', { simple: true }) as number;
}

function deleteRun(connection: Connection, run: number): void {
  const range = [run * 2 ** 31, (run + 1) * 2 ** 31];
  for (const table of TABLES) {
    const ids = connection.prepare(`SELECT id FROM ${table} WHERE id > ? AND id < ? LIMIT ${STEP_ROWS}`).pluck();
    const remove = connection.prepare(`DELETE FROM ${table} WHERE id = ?`);
    const forget = connection.prepare('DELETE FROM words WHERE rowid = ?');
    const step = connection.transaction(() => {
      const found = ids.all(...range) as number[];
      for (const id of found) {
        forget.run(id);
        remove.run(id);
      }
      return found.length;
    });
    while (step.immediate() > 0);
  }
  const last = connection.transaction(() => {
    connection.prepare('DELETE FROM word_late WHERE id > ? AND id < ?').run(...range);
    connection.prepare('DELETE FROM word_cursors WHERE run = ?').run(run);
    connection.prepare('DELETE FROM runs WHERE run = ?').run(run);
  });
  last.immediate();
}

/** Answers how many pages are left to give back. */
function vacuumStep(connection: Connection): number {
  const before = connection.pragma('freelist_count', { simple: true }) as number;
  if (before === 0) return 0;
  connection.pragma(`incremental_vacuum(${STEP_PAGES})`);
  const left = connection.pragma('freelist_count', { simple: true }) as number;
  return left < before ? left : 0;
}
