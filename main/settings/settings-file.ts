import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import type { SettingValue } from '../../shared/settings/define-setting.ts';
import { parseSettingKey, parseSettingValue } from '../../shared/settings/setting-value.ts';
import type { SettingKey } from '../../shared/settings/settings.ts';
import { replaceFile } from '../files/replace-file.ts';
import { toStorageError } from '../files/storage-error.ts';

/** A settings file has one short line per setting; a longer one is not ours. */
const MAX_FILE_CHARS = 1_000_000;

/** Where a data directory keeps what was set. */
function settingsPathOf(dataDir: string): string {
  return join(dataDir, 'settings.json');
}

/**
 * The settings somebody has set; none when there is no file.
 *
 * @throws {AppError} SETTING_UNKNOWN, SETTING_INVALID naming the file, DATA_DIR_READ_ONLY when it cannot be read.
 */
export async function readSettingsFile(dataDir: string): Promise<Map<SettingKey, SettingValue>> {
  const path = settingsPathOf(dataDir);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw toStorageError(error, path);
  });
  const parsed = text.length > MAX_FILE_CHARS ? undefined : parseObject(text);
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

/** Replaces the file as a whole, durably. @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL */
export async function writeSettingsFile(dataDir: string, values: ReadonlyMap<SettingKey, SettingValue>): Promise<void> {
  const sorted = Object.fromEntries([...values].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  await replaceFile(settingsPathOf(dataDir), `${JSON.stringify(sorted, undefined, 2)}\n`);
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
