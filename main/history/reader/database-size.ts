import { statSync } from 'node:fs';
import type { HistoryBytes, SizeRecord } from '../history-records.ts';
import { historyPath, type Connection } from '../store/database.ts';

/** Kept by the word index and by the index of agents' names under several names each. */
const INDEXES = ['words', 'agent_names'] as const;

/** What the database and the log beside it take; no page is read for it. */
export function databaseBytes(connection: Connection | undefined, dataDir: string): HistoryBytes {
  if (!connection) return { bytes: 0, freeBytes: 0, walBytes: 0 };
  const path = historyPath(dataDir);
  const walBytes = fileBytes(`${path}-wal`);
  return { bytes: fileBytes(path) + walBytes, freeBytes: readFreeBytes(connection), walBytes };
}

/**
 * Bytes by table with its indexes, largest first; `free` is what the next rows fill, `wal` the log beside the database.
 *
 * Every page is read. Between two trees the read is over, so that the log can be folded back meanwhile; and page by page
 * the thread comes back from SQLite, so that it can be ended.
 */
export function tableSizes(connection: Connection | undefined, dataDir: string): readonly SizeRecord[] {
  if (!connection) return [];
  const trees = connection.prepare(`SELECT name, tbl_name AS "table" FROM sqlite_schema WHERE rootpage > 0`).all() as {
    name: string;
    table: string;
  }[];
  const pages = connection.prepare('SELECT pgsize FROM dbstat WHERE name = ?').pluck();
  const sizes = new Map<string, number>();
  for (const { name, table } of [...trees, { name: 'sqlite_schema', table: 'sqlite_schema' }]) {
    const owner = INDEXES.find((index) => table.startsWith(`${index}_`)) ?? table;
    let bytes = sizes.get(owner) ?? 0;
    for (const size of pages.iterate(name) as IterableIterator<number>) bytes += size;
    sizes.set(owner, bytes);
  }
  const tables = [...sizes].map(([table, bytes]) => ({ table, bytes })).toSorted((a, b) => b.bytes - a.bytes);
  const { freeBytes, walBytes } = databaseBytes(connection, dataDir);
  return [...tables, { table: 'free', bytes: freeBytes }, { table: 'wal', bytes: walBytes }];
}

function readFreeBytes(connection: Connection): number {
  const pageBytes = connection.pragma('page_size', { simple: true }) as number;
  return (connection.pragma('freelist_count', { simple: true }) as number) * pageBytes;
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
