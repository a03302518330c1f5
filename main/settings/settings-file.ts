import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import type { SettingValue } from '../../shared/settings/define-setting.ts';
import { parseSettingKey, parseSettingValue } from '../../shared/settings/setting-value.ts';
import type { SettingKey } from '../../shared/settings/settings.ts';
import type { Clock, Timer } from '../../runtime/time/clock.ts';
import { replaceFile } from '../files/replace-file.ts';
import { toStorageError } from '../files/storage-error.ts';

/** A settings file has one short line per setting; a longer one is not ours. */
const MAX_FILE_CHARS = 1_000_000;
const SETTINGS_FILE = 'settings.json';

/** Where a data directory keeps what was set. */
function settingsPathOf(dataDir: string): string {
  return join(dataDir, SETTINGS_FILE);
}

/** An edit of the file that somebody made beside us. */
interface FileEdit {
  /** @throws {AppError} SETTING_UNKNOWN, SETTING_INVALID naming the file. */
  parse(): ReadonlyMap<SettingKey, SettingValue>;
  accept(): void;
  /** Keeps in mind why it was not taken over; the file is left as it is. */
  refuse(problem: string): void;
}

/** An editor writes in several steps; the file is read when it has been quiet for so long. */
const QUIET_MS = 100;
/** Where the operating system has no watch left to give, the file is looked at this often. */
const POLL_MS = 2_000;

/** `settings.json` of a data directory: what somebody has set, and may edit by hand. */
export class SettingsFile {
  readonly #dataDir: string;
  readonly #clock: Pick<Clock, 'after'>;
  /** What was read or written last and is in force. */
  #text: string;
  #problem: string | undefined;

  private constructor(dataDir: string, text: string, clock: Pick<Clock, 'after'>) {
    this.#dataDir = dataDir;
    this.#text = text;
    this.#clock = clock;
  }

  /** Reads what is there; no file is an empty one. @throws {AppError} DATA_DIR_READ_ONLY when it cannot be read. */
  static async open(dataDir: string, clock: Pick<Clock, 'after'>): Promise<SettingsFile> {
    return new SettingsFile(dataDir, await readText(dataDir), clock);
  }

  /** Why the newest edit is not in force; `undefined` when what the file says is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** @throws {AppError} SETTING_UNKNOWN, SETTING_INVALID naming the file. */
  parse(): Map<SettingKey, SettingValue> {
    return parseSettings(settingsPathOf(this.#dataDir), this.#text);
  }

  /** What somebody wrote into the file since we last read or wrote it. @throws {AppError} DATA_DIR_READ_ONLY */
  async readEdit(): Promise<FileEdit | undefined> {
    const text = await readText(this.#dataDir);
    if (text === this.#text) {
      this.#problem = undefined;
      return undefined;
    }
    return {
      parse: () => parseSettings(settingsPathOf(this.#dataDir), text),
      accept: () => {
        this.#text = text;
        this.#problem = undefined;
      },
      refuse: (problem) => {
        this.#problem = problem;
      },
    };
  }

  /** Replaces the file as a whole, durably. @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL */
  async write(values: ReadonlyMap<SettingKey, SettingValue>): Promise<void> {
    const sorted = Object.fromEntries([...values].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const text = `${JSON.stringify(sorted, undefined, 2)}\n`;
    await replaceFile(settingsPathOf(this.#dataDir), text);
    this.#text = text;
  }

  /** Calls `onTouched` when the file may have changed, until it is disposed of. It does not keep the process alive. */
  watch(onTouched: () => void): Disposable {
    let timer: Timer | undefined;
    const arm = (delayMs: number, fire: () => void): void => {
      timer?.[Symbol.dispose]();
      timer = this.#clock.after(delayMs, fire);
      timer.keepAlive(false);
    };
    const poll = (): void => {
      onTouched();
      arm(POLL_MS, poll);
    };
    let watcher: FSWatcher | undefined;
    try {
      watcher = watch(this.#dataDir, { persistent: false }, (_kind, name) => {
        if (name === null || name === SETTINGS_FILE) arm(QUIET_MS, onTouched);
      });
      watcher.on('error', poll);
    } catch {
      poll();
    }
    return {
      [Symbol.dispose]: () => {
        watcher?.close();
        timer?.[Symbol.dispose]();
      },
    };
  }
}

async function readText(dataDir: string): Promise<string> {
  const path = settingsPathOf(dataDir);
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw toStorageError(error, path);
  });
}

function parseSettings(path: string, text: string): Map<SettingKey, SettingValue> {
  const parsed = text.length > MAX_FILE_CHARS ? undefined : parseObject(text === '' ? '{}' : text);
  if (!parsed) {
    throw new AppError('SETTING_INVALID', `${path} does not hold a JSON object of settings; correct it or delete it.`);
  }
  const where = ` in ${path}`;
  return new Map(
    Object.entries(parsed).map(([text, value]) => {
      const key = parseSettingKey(text, where);
      return [key, parseSettingValue(key, value, where)];
    }),
  );
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
