import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SettingChange } from '../../shared/contract/settings.ts';
import type { SettingValue } from '../../shared/settings/define-setting.ts';
import { replaceFile } from '../files/replace-file.ts';
import { toStorageError } from '../files/storage-error.ts';

const value = z.union([z.number(), z.boolean(), z.string()]);
const line = z.object({
  version: z.number().int().min(1),
  key: z.string(),
  from: value,
  to: value,
  by: z.string(),
  atMs: z.number(),
  undoes: z.number().int().optional(),
  /** What settings.json held before: an undo puts exactly that back; absent when it did not name the key. */
  fileValueBefore: value.optional(),
});
type Line = z.infer<typeof line>;

/** Changes kept; the file is rewritten without the oldest when it holds twice as many. */
const MAX_CHANGES = 1_000;

/** The trail of setting changes: one JSON line each, appended, in `settings-history.jsonl` of the data directory. */
export class SettingsAudit {
  readonly #path: string;
  #lines: Line[];

  private constructor(path: string, lines: Line[]) {
    this.#path = path;
    this.#lines = lines;
  }

  /** Reads what is there. A last line that a crash cut short is left out; it was never answered. */
  static async open(dataDir: string): Promise<SettingsAudit> {
    const path = join(dataDir, 'settings-history.jsonl');
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw toStorageError(error, path);
    });
    return new SettingsAudit(path, text.split('\n').flatMap(parseLine));
  }

  /** The number of the newest change; 0 before the first. */
  get version(): number {
    return this.#lines.at(-1)?.version ?? 0;
  }

  newest(limit: number): SettingChange[] {
    return this.#lines.slice(-limit).toReversed().map(toChange);
  }

  /** The newest change that is neither an undo nor taken back. */
  newestUndoable(): { readonly change: SettingChange; readonly fileValueBefore: SettingValue | undefined } | undefined {
    const undone = new Set(this.#lines.map((each) => each.undoes));
    const found = this.#lines.findLast((each) => each.undoes === undefined && !undone.has(each.version));
    return found && { change: toChange(found), fileValueBefore: found.fileValueBefore };
  }

  /** Appends a change durably and answers it with its version. */
  async append(
    change: Omit<SettingChange, 'version'>,
    fileValueBefore: SettingValue | undefined,
  ): Promise<SettingChange> {
    const added: Line = {
      version: this.version + 1,
      ...change,
      ...(fileValueBefore === undefined ? {} : { fileValueBefore }),
    };
    if (this.#lines.length >= 2 * MAX_CHANGES) {
      const kept = this.#lines.slice(-MAX_CHANGES);
      await replaceFile(this.#path, [...kept, added].map((each) => `${JSON.stringify(each)}\n`).join(''));
      this.#lines = kept;
    } else {
      await appendLine(this.#path, JSON.stringify(added));
    }
    this.#lines.push(added);
    return toChange(added);
  }
}

async function appendLine(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, 'a+', 0o600);
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    // After a line that a crash cut short the next one starts afresh.
    await file.write(`${size > 0 && last[0] !== 0x0a ? '\n' : ''}${text}\n`);
    await file.sync();
  } catch (error) {
    throw toStorageError(error, path);
  }
}

function parseLine(text: string): Line[] {
  if (text === '') return [];
  try {
    const parsed = line.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

function toChange({ version, key, from, to, by, atMs, undoes }: Line): SettingChange {
  return { version, key, from, to, by, atMs, ...(undoes === undefined ? {} : { undoes }) };
}
