import { join } from 'node:path';
import { type Preferences, preferences } from '../../shared/contract/app.ts';
import { loadJsonFile, saveJsonFile } from '../files/json-file.ts';
import { createSerially } from '../files/serially.ts';

/** What holds as long as nobody has chosen. */
const DEFAULTS: Preferences = { theme: 'system' };

/** What a person chose for the window, in `preferences.json` of the data directory. */
export interface PreferenceFile {
  /** What was chosen; the defaults where nothing was, or where the file cannot be understood. */
  load(): Promise<Preferences>;
  /** Replaces all of them, one change after the other. @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL */
  save(chosen: Preferences): Promise<Preferences>;
}

/** Reads the file each time: another program may have written it, and it is asked for once a window. */
export function createPreferences(dataDir: string): PreferenceFile {
  const path = join(dataDir, 'preferences.json');
  const serially = createSerially();
  return {
    load: async () => (await loadJsonFile(path, preferences)) ?? DEFAULTS,
    save: (chosen) =>
      serially(async () => {
        await saveJsonFile(path, chosen);
        return chosen;
      }),
  };
}
