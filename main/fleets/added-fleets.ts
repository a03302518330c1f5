import { join } from 'node:path';
import { z } from 'zod';
import { loadJsonFile, saveJsonFile } from '../files/json-file.ts';
import { createSerially } from '../files/serially.ts';

/** Files remembered; one more, and the one added first is forgotten. */
export const MAX_ADDED = 500;

const addedFile = z.array(z.object({ path: z.string().max(4_096), addedAtMs: z.number() })).max(MAX_ADDED);

/** A file that was opened or written here. */
type AddedFleet = z.infer<typeof addedFile>[number];

/** The fleet files that were opened or written here, in `fleets.json` of the data directory; at most 500. */
export interface AddedFleets {
  /** The one added last comes first. */
  load(): Promise<readonly AddedFleet[]>;
  /** Puts a file at the top. @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL */
  add(path: string): Promise<void>;
  /** Whether it was there. @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL */
  forget(path: string): Promise<boolean>;
}

/** @param nowMs The wall clock. */
export function createAddedFleets(dataDir: string, nowMs: () => number): AddedFleets {
  const file = join(dataDir, 'fleets.json');
  const serially = createSerially();
  const load = async (): Promise<readonly AddedFleet[]> => (await loadJsonFile(file, addedFile)) ?? [];
  return {
    load,
    add: (path) =>
      serially(async () => {
        const others = (await load()).filter((added) => added.path !== path);
        await saveJsonFile(file, [{ path, addedAtMs: nowMs() }, ...others].slice(0, MAX_ADDED));
      }),
    forget: (path) =>
      serially(async () => {
        const all = await load();
        const others = all.filter((added) => added.path !== path);
        if (others.length === all.length) return false;
        await saveJsonFile(file, others);
        return true;
      }),
  };
}
