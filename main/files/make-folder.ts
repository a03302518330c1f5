import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing, for this user only.
 *
 * Node's own recursive `mkdir` never returns where a folder exists and nothing can be made in it because the file system
 * says "no such file" (as /proc does), so each step is made here.
 */
export async function makeFolder(path: string): Promise<void> {
  const failure = await makeOne(path);
  if (!failure) return;
  const parent = dirname(path);
  if (failure.code !== 'ENOENT' || parent === path) throw failure;
  if (!(await isFolder(parent))) await makeFolder(parent);
  // Another process may have made the folder above in between; where it was there all along, this fails like before.
  const again = await makeOne(path);
  if (again) throw again;
}

async function makeOne(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path, { mode: 0o700 });
    return undefined;
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    return failure.code === 'EEXIST' && (await isFolder(path)) ? undefined : failure;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
