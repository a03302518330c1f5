import { readFile, stat } from 'node:fs/promises';
import type { z } from 'zod';
import { replaceFile } from './replace-file.ts';

/** A file of the data directory that one of these rooms keeps is far smaller; a larger one is not ours. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * What a small JSON file of the data directory holds; `undefined` when it is missing, too large, or not what `schema` says:
 * what a person chose for a screen is asked for again rather than stopping the program.
 */
export async function loadJsonFile<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
  try {
    const found = await stat(path);
    // A pipe, laid there by hand, would never end.
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return undefined;
    return schema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Replaces it as a whole, for this user only. @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL */
export async function saveJsonFile(path: string, value: unknown): Promise<void> {
  await replaceFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
}
