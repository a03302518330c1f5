import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { AppError } from '../../../shared/errors/app-error.ts';
import { findRunRow, getRun } from '../reader/run-queries.ts';
import { openForReading, type Connection } from '../store/database.ts';
import { ARCHIVE_MAGIC, ARCHIVE_TABLES, IDS_PER_RUN, RUN_TABLE, type ArchiveTable } from './archive-tables.ts';

const PAGE_ROWS = 500;

/**
 * Writes a run to one file that another history can import. The same run always makes the same bytes. The file appears
 * when it is complete.
 *
 * @throws {AppError} RUN_NOT_FOUND, DATA_DIR_READ_ONLY, DISK_FULL
 */
export async function exportArchive(dataDir: string, run: string, path: string): Promise<{ readonly runId: string }> {
  const connection = openForReading(dataDir);
  try {
    const { runId } = getRun(connection, run);
    await writeWhole(path, (partial) => writeArchive(connection!, findRunRow(connection!, runId)!, partial));
    return { runId };
  } finally {
    connection?.close();
  }
}

/** Writes beside the file and puts it in place when it is whole. @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL */
export async function writeWhole(path: string, write: (partial: string) => Promise<void>): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    await write(partial);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new AppError('DISK_FULL', `The disk with ${path} is full; free some space or name another file.`, {
        cause: error,
      });
    if (code?.startsWith('E') && !(error instanceof AppError))
      throw new AppError('INPUT_INVALID', `${path} cannot be written (${code}); name another file with --out.`, {
        cause: error,
      });
    throw error;
  }
}

async function writeArchive(connection: Connection, run: number, path: string): Promise<void> {
  const hash = createHash('sha256').update(ARCHIVE_MAGIC);
  const compressed = Readable.from(archiveChunks(connection, run), { highWaterMark: 1 }).compose(
    createGzip({ level: 6 }),
  );
  await pipeline(
    compressed as AsyncIterable<Buffer>,
    async function* (chunks: AsyncIterable<Buffer>) {
      yield ARCHIVE_MAGIC;
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
      yield hash.digest();
    },
    createWriteStream(path, { mode: 0o600 }),
  );
}

/** The archive's lines, a page of rows a chunk. */
function* archiveChunks(connection: Connection, run: number): Generator<Buffer> {
  const head = connection
    .prepare(`SELECT ${RUN_TABLE.columns.join(', ')} FROM runs WHERE run = ?`)
    .raw()
    .get(run);
  yield toLines(RUN_TABLE, [head as unknown[]], run);
  let rowCount = 0;
  for (const table of ARCHIVE_TABLES) {
    const page = connection
      .prepare(
        `SELECT ${table.columns.join(', ')} FROM ${table.name} WHERE id > ? AND id < ? ORDER BY id LIMIT ${PAGE_ROWS}`,
      )
      .raw();
    let after = run * IDS_PER_RUN;
    for (;;) {
      const rows = page.all(after, (run + 1) * IDS_PER_RUN) as unknown[][];
      if (rows.length === 0) break;
      after = rows.at(-1)![0] as number;
      rowCount += rows.length;
      yield toLines(table, rows, run);
    }
  }
  yield Buffer.from(`${JSON.stringify({ end: rowCount })}\n`);
}

function toLines(table: ArchiveTable, rows: readonly unknown[][], run: number): Buffer {
  const ids = table.columns.flatMap((column, at) => (table.idColumns.has(column) ? [at] : []));
  const lines = rows.map((row) => {
    const values = [...row];
    for (const at of ids) if (typeof values[at] === 'number' && values[at] !== 0) values[at] -= run * IDS_PER_RUN;
    return `${JSON.stringify({ [table.name]: values })}\n`;
  });
  return Buffer.from(lines.join(''));
}
