import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { AppError, isAppError } from '../../../shared/errors/app-error.ts';
import { FILL_RUN_STRETCHES } from '../migrations/0005-run-stretches.ts';
import { openForWriting, type Connection } from '../store/database.ts';
import {
  ARCHIVE_DIGEST_BYTES,
  ARCHIVE_MAGIC,
  ARCHIVE_TABLES,
  IDS_PER_RUN,
  LATER_RUN_COLUMNS,
  RUN_TABLE,
  hasRunColumn,
  type ArchiveTable,
} from './archive-tables.ts';

/** What became of an import. */
export interface ImportedRun {
  readonly runId: string;
  /** The history already had the run; nothing was changed. */
  readonly isKnown: boolean;
}

/**
 * Takes a run from an archive into a history: all of it or nothing.
 *
 * @throws {AppError} ARCHIVE_DAMAGED, DATA_DIR_READ_ONLY, DISK_FULL, HISTORY_LOCKED, HISTORY_DAMAGED, HISTORY_NEWER
 */
export async function importArchive(dataDir: string, path: string): Promise<ImportedRun> {
  const end = await checkArchive(path);
  const connection = openForWriting(dataDir);
  try {
    return await readArchive(connection, path, end);
  } finally {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    connection.close();
  }
}

function damaged(path: string, cause?: unknown): AppError {
  return new AppError(
    'ARCHIVE_DAMAGED',
    `${path} is not a whole Flotilla export; export the run again and import that file.`,
    { cause },
  );
}

/** Checks the whole file before anything is written; answers where its content ends. */
async function checkArchive(path: string): Promise<number> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const end = size - ARCHIVE_DIGEST_BYTES;
    if (end <= ARCHIVE_MAGIC.length) throw damaged(path);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path, { end: end - 1 })) hash.update(chunk as Buffer);
    const digest = Buffer.alloc(ARCHIVE_DIGEST_BYTES);
    const magic = Buffer.alloc(ARCHIVE_MAGIC.length);
    await file.read(digest, 0, digest.length, end);
    await file.read(magic, 0, magic.length, 0);
    if (!magic.equals(ARCHIVE_MAGIC) || !hash.digest().equals(digest)) throw damaged(path);
    return end;
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError('INPUT_INVALID', `${path} cannot be read; name the file that "history export" wrote.`, {
      cause: error,
    });
  }
}

async function readArchive(connection: Connection, path: string, end: number): Promise<ImportedRun> {
  const content = createReadStream(path, { start: ARCHIVE_MAGIC.length, end: end - 1 });
  const text = content.pipe(createGunzip());
  content.on('error', (error) => text.destroy(error));
  const lines = createInterface({ input: text, crlfDelay: Infinity });
  const rows = new ArchiveRows(connection);
  const failed = new Promise<never>((_, reject) => text.once('error', reject));
  try {
    const read = (async () => {
      for await (const line of lines) if (rows.add(line) === 'known') break;
    })();
    await Promise.race([read, failed]);
    return rows.finish();
  } catch (error) {
    const { code } = error as { code?: string };
    const isContent =
      !code?.startsWith('SQLITE_') || code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_MISMATCH';
    throw isContent ? damaged(path, error) : error;
  } finally {
    lines.close();
    content.destroy();
  }
}

/** Puts an archive's lines into the tables, in one transaction. */
class ArchiveRows {
  readonly #connection: Connection;
  readonly #inserts = new Map<string, { readonly table: ArchiveTable; readonly add: (values: unknown[]) => void }>();
  #run = 0;
  #runId = '';
  #isKnown = false;
  #isOld = false;
  #rowCount = 0;
  #isComplete = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  add(line: string): 'known' | undefined {
    const entry = Object.entries(JSON.parse(line) as Record<string, unknown>)[0];
    if (entry === undefined) throw new Error('An empty line.');
    const [name, values] = entry;
    if (name === 'end') this.#isComplete = values === this.#rowCount;
    else if (!Array.isArray(values)) throw new Error('A line without values.');
    else if (this.#run === 0) return this.#begin(values as unknown[]);
    else this.#insert(name, values as unknown[]);
    return undefined;
  }

  finish(): ImportedRun {
    if (!this.#isKnown) {
      if (!this.#isComplete) throw new Error('The archive ends early.');
      if (this.#isOld) this.#connection.prepare(`${FILL_RUN_STRETCHES} WHERE run = ?`).run(this.#run);
      this.#connection.exec('COMMIT');
    }
    return { runId: this.#runId, isKnown: this.#isKnown };
  }

  #begin(values: unknown[]): 'known' | undefined {
    this.#runId = String(values[0]);
    this.#connection.exec('BEGIN IMMEDIATE');
    this.#isKnown = this.#connection.prepare('SELECT 1 FROM runs WHERE run_id = ?').get(this.#runId) !== undefined;
    if (this.#isKnown) return 'known';
    this.#run = this.#connection.prepare('SELECT coalesce(max(run), 0) + 1 FROM runs').pluck().get() as number;
    this.#isOld = values.length === RUN_TABLE.columns.length - LATER_RUN_COLUMNS.length;
    this.#insertInto(RUN_TABLE, this.#isOld ? [...values, ...LATER_RUN_COLUMNS] : values);
    this.#connection
      .prepare('INSERT INTO word_cursors (run, indexed_id) VALUES (?, ?)')
      .run(this.#run, this.#run * IDS_PER_RUN);
    return undefined;
  }

  #insert(name: string, values: unknown[]): void {
    const table = ARCHIVE_TABLES.find((candidate) => candidate.name === name);
    if (!table) throw new Error('A table that is not known.');
    this.#rowCount++;
    this.#insertInto(table, values);
  }

  #insertInto(table: ArchiveTable, values: unknown[]): void {
    if (values.length !== table.columns.length) throw new Error('A row of another width.');
    for (const [at, column] of table.columns.entries()) {
      const value = values[at];
      if (table.idColumns.has(column) && typeof value === 'number' && value !== 0)
        values[at] = value + this.#run * IDS_PER_RUN;
    }
    let insert = this.#inserts.get(table.name);
    if (!insert) this.#inserts.set(table.name, (insert = { table, add: this.#prepare(table) }));
    insert.add(values);
  }

  #prepare(table: ArchiveTable): (values: unknown[]) => void {
    const columns = hasRunColumn(table) ? [...table.columns, 'run'] : table.columns;
    const statement = this.#connection.prepare(
      `INSERT INTO ${table.name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    );
    return (values) => void statement.run(...values, ...(hasRunColumn(table) ? [this.#run] : []));
  }
}
