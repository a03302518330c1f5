import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../../../shared/errors/app-error.ts';
import { MIGRATIONS, SCHEMA_VERSION } from '../migrations/migrations.ts';
import { toHistoryFailure } from './history-failure.ts';

/** An open SQLite connection; it belongs to the thread that opened it. */
export type Connection = Database.Database;

/** Another connection may hold the write lock for one batch or one checkpoint; longer than this is another program. */
const LOCK_WAIT_MS = 1_500;

/** The database of a data directory. */
export function historyPath(dataDir: string): string {
  return join(dataDir, 'history.sqlite');
}

/**
 * Opens the database for writing, makes it where it is missing and brings it to today's schema.
 *
 * @throws {AppError} DATA_DIR_READ_ONLY, DISK_FULL, HISTORY_LOCKED, HISTORY_DAMAGED or HISTORY_NEWER.
 */
export function openForWriting(dataDir: string): Connection {
  let connection: Connection | undefined;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    connection = new Database(historyPath(dataDir), { timeout: LOCK_WAIT_MS });
    const version = readVersion(connection, dataDir);
    if (version === 0) connection.pragma('auto_vacuum = INCREMENTAL');
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('foreign_keys = ON');
    connection.pragma('wal_autocheckpoint = 0');
    connection.pragma('cache_size = -32000');
    migrate(connection);
    return connection;
  } catch (error) {
    connection?.close();
    throw toHistoryFailure(error, dataDir);
  }
}

/**
 * Opens the database for reading beside whoever writes it; `undefined` where none exists yet.
 *
 * @throws {AppError} HISTORY_LOCKED, HISTORY_DAMAGED, HISTORY_NEWER or DATA_DIR_READ_ONLY.
 */
export function openForReading(dataDir: string): Connection | undefined {
  const path = historyPath(dataDir);
  if (!existsSync(path)) return undefined;
  let connection: Connection | undefined;
  try {
    connection = openReadOnly(path);
    const version = readVersion(connection, dataDir);
    if (version === SCHEMA_VERSION) return tuneForReading(connection);
    connection.close();
    if (version === 0) return undefined;
    openForWriting(dataDir).close();
    return tuneForReading(openReadOnly(path));
  } catch (error) {
    connection?.close();
    throw toHistoryFailure(error, dataDir);
  }
}

function openReadOnly(path: string): Connection {
  return new Database(path, { readonly: true, fileMustExist: true, timeout: LOCK_WAIT_MS });
}

function tuneForReading(connection: Connection): Connection {
  connection.pragma('cache_size = -16000');
  return connection;
}

function readVersion(connection: Connection, dataDir: string): number {
  const version = connection.pragma('user_version', { simple: true }) as number;
  if (version > SCHEMA_VERSION)
    throw new AppError(
      'HISTORY_NEWER',
      `The history in ${dataDir} was written by a newer Flotilla (schema ${version}, this one knows ${SCHEMA_VERSION}); update Flotilla or name another --data-dir.`,
    );
  return version;
}

function migrate(connection: Connection): void {
  const version = connection.pragma('user_version', { simple: true }) as number;
  if (version >= SCHEMA_VERSION) return;
  const steps = connection.transaction(() => {
    const now = connection.pragma('user_version', { simple: true }) as number;
    for (const { version: to, sql } of MIGRATIONS.slice(now)) {
      connection.exec(sql);
      connection.pragma(`user_version = ${to}`);
    }
  });
  steps.immediate();
}
