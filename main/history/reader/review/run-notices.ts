import type { Connection } from '../../store/database.ts';
import { findRunRow } from '../run-queries.ts';

/** Notices shown of one run: the newest. */
const MAX_NOTICES = 50;

/** Something a person should see that is no state. */
export interface NoticeRecord {
  readonly atMs: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

/** The newest notices of a run, newest first. */
export function runNotices(connection: Connection | undefined, runId: string): readonly NoticeRecord[] {
  const run = connection && findRunRow(connection, runId);
  if (!connection || run === undefined) return [];
  return connection
    .prepare('SELECT at_ms AS atMs, level, text FROM notices WHERE id > ? AND id < ? ORDER BY id DESC LIMIT ?')
    .all(run * 2 ** 31, (run + 1) * 2 ** 31, MAX_NOTICES) as NoticeRecord[];
}
