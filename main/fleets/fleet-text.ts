import { createHash } from 'node:crypto';
import { access, constants, open, realpath, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadFleetText } from '../../runtime/fleet/file/file-bytes.ts';
import { createProblemList } from '../../runtime/fleet/file/problem-list.ts';
import type { FleetText } from '../../shared/contract/fleets.ts';
import { AppError, isAppError } from '../../shared/errors/app-error.ts';
import { putInPlace } from '../files/replace-file.ts';
import { createSerially } from '../files/serially.ts';
import { isFleetFileName, parseFleetPath } from './fleet-path.ts';

/** Largest fleet file, in bytes: what the program reads at a launch. */
const MAX_FLEET_BYTES = 4 * 1024 * 1024;

/** A new fleet file is for everybody whom the process's mask lets read it, as an editor makes it. */
const NEW_FILE_MODE = 0o666;

/** What is to be saved. */
export interface FleetWrite {
  readonly path: string;
  readonly text: string;
  /** Of the text that was read; without it the file must be new. */
  readonly revision?: string | undefined;
}

/** Two windows that save the same file take turns, so that the second sees the first's change. */
const serially = createSerially();

/**
 * A fleet file with its text; a link is followed to another fleet file only.
 *
 * @throws {AppError} FLEET_NOT_FOUND; INPUT_INVALID for another kind of file, one over 4 MiB, or one that is not UTF-8.
 */
export async function readFleetText(path: string): Promise<FleetText> {
  const file = parseFleetPath(path);
  await refuseStrangeLink(file);
  const problems = createProblemList();
  const text = await loadFleetText(file, file, problems);
  if (text === undefined) {
    const [problem] = problems.held;
    throw new AppError('INPUT_INVALID', `${file} cannot be shown: ${problem?.message ?? 'it is no text'}.`);
  }
  return { path: file, text, revision: toRevision(text), readOnly: !(await isWritable(file)) };
}

/**
 * Replaces a fleet file as a whole and keeps its rights, or makes a new one in a folder that is there. Where the path is a
 * link, the file it leads to is replaced and the link stays.
 *
 * A change that another program makes in the moment between the comparison and the replacement is lost: no system lets
 * one look and replace at once.
 *
 * @throws {AppError} FILE_CHANGED, FILE_NOT_WRITABLE with the reason, INPUT_INVALID, DISK_FULL
 */
export async function writeFleetText({ path, text, revision }: FleetWrite): Promise<FleetText> {
  const file = parseFleetPath(path);
  if (Buffer.byteLength(text) > MAX_FLEET_BYTES) {
    throw new AppError('INPUT_INVALID', 'A fleet file may have at most 4 MiB; move long lists into a file for `each`.');
  }
  return await serially(async () => {
    if (revision === undefined) await makeNew(file, text);
    else await replaceOld(file, text, revision);
    return { path: file, text, revision: toRevision(text), readOnly: false };
  });
}

/** An agent that may write into its workspace could lay a link there that is called a fleet and leads to a key, or to a program. */
async function refuseStrangeLink(file: string): Promise<void> {
  // One that leads nowhere is told by whoever opens it.
  const target = await realpath(file).catch(() => file);
  if (isFleetFileName(target)) return;
  const sentence = `${file} is a link to ${target}, which is no fleet file; open a file that ends in .yaml or .yml.`;
  throw new AppError('INPUT_INVALID', sentence);
}

async function makeNew(file: string, text: string): Promise<void> {
  let isMade = false;
  try {
    await using handle = await open(file, 'wx', NEW_FILE_MODE);
    isMade = true;
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    if (isMade) await rm(file, { force: true }).catch(() => undefined);
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      const sentence = `There is a file ${file} already; open it to change it, or choose another name.`;
      throw new AppError('FILE_CHANGED', sentence, { cause: error });
    }
    throw toWriteFailure(error, file);
  }
}

async function replaceOld(file: string, text: string, revision: string): Promise<void> {
  const found = await readFleetText(file).catch((error: unknown) => {
    if (isAppError(error, 'FLEET_NOT_FOUND') && isMissing(error.cause)) return undefined;
    throw isAppError(error, 'FLEET_NOT_FOUND') ? toWriteFailure(error.cause ?? error, file) : error;
  });
  if (found?.revision !== revision) {
    const what = found ? 'was changed by another program' : 'was removed by another program';
    const way = found ? 'load it again, or save under another name' : 'save it under another name';
    throw new AppError('FILE_CHANGED', `${file} ${what} since it was opened; ${way}.`);
  }
  try {
    const target = await realpath(file);
    // Replacing needs no right to the file itself, so a file that its owner made read-only is asked about first.
    await access(target, constants.W_OK);
    const { mode } = await stat(target);
    await putInPlace(target, text, mode & 0o7777);
  } catch (error) {
    throw toWriteFailure(error, file);
  }
}

function isMissing(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

/** Whether the file can be replaced: it may be written, and its folder may take the draft. */
async function isWritable(file: string): Promise<boolean> {
  try {
    const target = await realpath(file);
    await access(target, constants.W_OK);
    await access(dirname(target), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function toRevision(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function toWriteFailure(error: unknown, file: string): unknown {
  if (isAppError(error) && error.code !== 'FLEET_NOT_FOUND') return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const sentence = `The disk with ${file} is full; free some space and save again.`;
    return new AppError('DISK_FULL', sentence, { cause: error });
  }
  const reasons: Record<string, string> = {
    EACCES: 'you have no right to write there',
    EPERM: 'you have no right to write there',
    EROFS: 'its disk can only be read',
    ENOENT: `there is no folder ${dirname(file)}`,
    ENOTDIR: `${dirname(file)} is not a folder`,
    EISDIR: 'it is a folder',
    ELOOP: 'it is a link that leads back to itself',
    ENAMETOOLONG: 'its name is too long',
    EBUSY: 'another program holds it',
  };
  const reason = isAppError(error) ? 'it is not a file' : (reasons[code ?? ''] ?? `the system says ${code ?? 'no'}`);
  return new AppError('FILE_NOT_WRITABLE', `${file} cannot be saved: ${reason}; save it in another place.`, {
    cause: error,
  });
}
