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
  group: z.number().int().optional(),
  /** What settings.json held before: an undo puts exactly that back; absent when it did not name the key. */
  fileValueBefore: value.optional(),
});
type Line = z.infer<typeof line>;

/** Changes kept; the file is rewritten without the oldest when it holds twice as many. */
const MAX_CHANGES = 1_000;

/** A change that is to be recorded, and what settings.json held of its key before. */
export interface NewChange {
  readonly change: Omit<SettingChange, 'version' | 'group'>;
  readonly fileValueBefore: SettingValue | undefined;
}

/** A change that can be taken back. */
export interface UndoableChange {
  readonly change: SettingChange;
  readonly fileValueBefore: SettingValue | undefined;
}

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

  /**
   * What an undo takes back: the newest change that is neither an undo nor taken back, or the one with `version`, with all
   * that was changed together with it, the newest first. Empty when there is none.
   */
  findUndoable(version?: number): UndoableChange[] {
    const undone = new Set(this.#lines.map((each) => each.undoes));
    const isOpen = (each: Line): boolean => each.undoes === undefined && !undone.has(each.version);
    const found = this.#lines.findLast((each) => isOpen(each) && (version === undefined || each.version === version));
    if (!found) return [];
    const group = found.group === undefined ? [found] : this.#lines.filter((each) => each.group === found.group);
    return group
      .filter(isOpen)
      .toReversed()
      .map((each) => ({ change: toChange(each), fileValueBefore: each.fileValueBefore }));
  }

  /** Appends changes that were made together, durably, and answers them with their versions. */
  async append(news: readonly NewChange[]): Promise<SettingChange[]> {
    const first = this.version + 1;
    const added = news.map(({ change, fileValueBefore }, index): Line => ({
      version: first + index,
      ...change,
      ...(news.length > 1 ? { group: first } : {}),
      ...(fileValueBefore === undefined ? {} : { fileValueBefore }),
    }));
    const text = toText(added);
    if (this.#lines.length >= 2 * MAX_CHANGES) {
      const kept = this.#lines.slice(-MAX_CHANGES);
      await replaceFile(this.#path, toText(kept) + text);
      this.#lines = kept;
    } else if (added.length > 0) {
      await appendText(this.#path, text);
    }
    this.#lines.push(...added);
    return added.map(toChange);
  }
}

function toText(lines: readonly Line[]): string {
  return lines.map((each) => `${JSON.stringify(each)}\n`).join('');
}

async function appendText(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, 'a+', 0o600);
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    // After a line that a crash cut short the next one starts afresh.
    await file.write(`${size > 0 && last[0] !== 0x0a ? '\n' : ''}${text}`);
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

function toChange({ fileValueBefore: _before, ...change }: Line): SettingChange {
  return change;
}
