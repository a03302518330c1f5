import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Tool } from '../tool.ts';
import {
  fail,
  isGitOwned,
  openFolder,
  resolvePath,
  toEscape,
  toShownPath,
  type OpenFolder,
} from '../../workspace/workspace.ts';

const NEW_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const NEW_MODE = 0o644;
const MODE_BITS = 0o777;

const input = z.strictObject({
  path: z.string().min(1).describe('File, relative to the workspace; folders that are missing are made.'),
  content: z.string().describe('The whole new content.'),
});

type WriteFileInput = z.infer<typeof input>;

/** Writes a whole file: a reader sees the old content or the new, also after a crash, and never a part. */
export const writeFileTool: Tool<WriteFileInput> = {
  name: 'write_file',
  description: 'Writes a text file, replacing what is there as a whole.',
  input,
  lane: 'io',
  needs: 'write_file',
  repeatable: true,
  async run({ path, content }, { workspace, signal }) {
    const { existing, missing } = await resolvePath(workspace, path);
    const target = join(existing, ...missing);
    if (target === workspace) throw new AppError('TOOL_FAILED', 'The workspace itself is a folder; name a file in it.');
    if (isGitOwned(toShownPath(workspace, target))) {
      throw new AppError('WORKSPACE_ESCAPE', 'What is in .git belongs to git; use a path outside it.');
    }
    signal.throwIfAborted();
    const folder = await openFolder(workspace, dirname(target));
    await using _folder = folder.handle;
    const before = await statusOf(folder, basename(target), path);
    await replace(folder, basename(target), content, before).catch((error: unknown) => fail(error, path));
    return { text: `wrote ${Buffer.byteLength(content)} bytes to ${path} (${before ? 'replaced' : 'new'})` };
  },
};

async function statusOf(folder: OpenFolder, name: string, path: string): Promise<Stats | undefined> {
  const status = await lstat(join(folder.path, name)).catch(() => undefined);
  // It was no link a moment ago, when the path was followed.
  if (status?.isSymbolicLink()) throw toEscape(path);
  if (status && !status.isFile()) {
    const what = status.isDirectory() ? 'a folder' : 'no regular file';
    throw new AppError('TOOL_FAILED', `${JSON.stringify(path)} is ${what} and is not replaced.`);
  }
  return status;
}

async function replace(folder: OpenFolder, name: string, content: string, before: Stats | undefined): Promise<void> {
  const temporary = join(folder.path, `.${randomBytes(6).toString('hex')}.part`);
  try {
    await using file = await open(temporary, NEW_FLAGS, NEW_MODE);
    await file.writeFile(content, 'utf8');
    if (before) await file.chmod(before.mode & MODE_BITS);
    await file.sync();
    await rename(temporary, join(folder.path, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  // The new name is in the folder, which has to reach the disk too; some file systems refuse to.
  await folder.handle.sync().catch(() => undefined);
}
