import { open, rename, rm } from 'node:fs/promises';
import process from 'node:process';
import { toStorageError } from './storage-error.ts';

/**
 * Replaces a small file as a whole: a reader, also one after a crash, sees the old content or the new.
 *
 * @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL; the old file is still there then.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  try {
    {
      await using file = await open(draft, 'w', 0o600);
      await file.writeFile(text);
      await file.sync();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw toStorageError(error, path);
  }
}
