import { statSync } from 'node:fs';
import type { SizeRecord } from '../history-records.ts';
import { historyPath, type Connection } from '../store/database.ts';

/** Bytes by table with its indexes, largest first; `free` is what the next rows fill, `wal` the log beside the database. */
export function databaseSize(connection: Connection | undefined, dataDir: string): readonly SizeRecord[] {
  if (!connection) return [];
  const tables = connection
    .prepare(
      `SELECT CASE WHEN tbl_name LIKE 'words%' THEN 'words' ELSE tbl_name END AS "table", sum(pgsize) AS bytes
       FROM dbstat JOIN sqlite_schema USING (name) WHERE aggregate = 1 GROUP BY 1 ORDER BY 2 DESC`,
    )
    .all() as SizeRecord[];
  const pageBytes = connection.pragma('page_size', { simple: true }) as number;
  const free = (connection.pragma('freelist_count', { simple: true }) as number) * pageBytes;
  const wal = statSync(`${historyPath(dataDir)}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  return [...tables, { table: 'free', bytes: free }, { table: 'wal', bytes: wal }];
}
