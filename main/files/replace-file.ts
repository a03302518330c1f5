import { open, rename, rm } from 'node:fs/promises';
import process from 'node:process';
import { toStorageError } from './storage-error.ts';

/** For this user only: what a data directory holds concerns nobody else. */
const PRIVATE_MODE = 0o600;

let draftCount = 0;

/**
 * Replaces a small file as a whole: a reader, also one after a crash, sees the old content or the new.
 *
 * @throws {AppError} DATA_DIR_READ_ONLY or DISK_FULL; the old file is still there then.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    await putInPlace(path, text, PRIVATE_MODE);
  } catch (error) {
    throw toStorageError(error, path);
  }
}

/** As `replaceFile`, for any file: what the operating system refuses is thrown as it says it. */
export async function putInPlace(path: string, text: string, mode: number): Promise<void> {
  draftCount += 1;
  const draft = `${path}.${process.pid}-${draftCount}.draft`;
  try {
    {
      await using file = await open(draft, 'w', mode);
      // What `open` was given is cut by the process's mask.
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
