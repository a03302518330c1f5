import { AppError, isAppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';

const READ_ONLY = new Set([
  'SQLITE_CANTOPEN',
  'SQLITE_READONLY',
  'SQLITE_PERM',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'ENOENT',
  'SQLITE_IOERR_SHMOPEN',
  'SQLITE_IOERR_ACCESS',
]);
const DAMAGED = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB']);
const FULL = new Set([
  'SQLITE_FULL',
  'ENOSPC',
  'EDQUOT',
  'SQLITE_IOERR_WRITE',
  'SQLITE_IOERR_SHMSIZE',
  'SQLITE_IOERR_TRUNCATE',
  'SQLITE_IOERR_FSYNC',
]);

/** What SQLite or the file system said, as the sentence a person can act on; an `AppError` stays as it is. */
export function toHistoryFailure(error: unknown, dataDir: string): AppError {
  if (isAppError(error)) return error;
  const code = historyCode(error);
  const cause = error instanceof Error ? error.message : String(error);
  return new AppError(code, sentence(code, dataDir, cause), { cause: error });
}

function historyCode(error: unknown): ErrorCode {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code !== 'string') return 'INTERNAL';
  const primary = code.split('_').slice(0, 2).join('_');
  const isIn = (codes: ReadonlySet<string>): boolean => codes.has(code) || codes.has(primary);
  if (isIn(FULL)) return 'DISK_FULL';
  if (primary === 'SQLITE_BUSY' || primary === 'SQLITE_LOCKED') return 'HISTORY_LOCKED';
  if (isIn(DAMAGED)) return 'HISTORY_DAMAGED';
  if (isIn(READ_ONLY)) return 'DATA_DIR_READ_ONLY';
  return 'INTERNAL';
}

function sentence(code: ErrorCode, dataDir: string, cause: string): string {
  if (code === 'DISK_FULL')
    return `The disk with ${dataDir} is full or its quota is used up; free some space there and history goes on by itself.`;
  if (code === 'HISTORY_LOCKED')
    return `Another program holds the history database in ${dataDir}; close it or use another --data-dir.`;
  if (code === 'HISTORY_DAMAGED')
    return `The history database in ${dataDir} is damaged; move history.sqlite away, or restore it from a copy, and start again.`;
  if (code === 'DATA_DIR_READ_ONLY')
    return `The data directory ${dataDir} cannot be written; make it writable or name another with --data-dir.`;
  return `The history in ${dataDir} failed: ${cause}`;
}
