import { constants, fstatSync, readlinkSync } from 'node:fs';
import { lstat, mkdir, open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';

/** Linux gives up on a path with more links (`ELOOP`). */
const MAX_LINKS = 40;
/** Without O_NONBLOCK opening a named pipe waits for its other end. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const FOLDER_FLAGS = READ_FLAGS | (constants.O_DIRECTORY ?? 0);
/** What git runs or obeys lives here: writing to it would be a way out of every confinement. */
const GIT_FOLDER = '.git';

/** A path after every link on its way has been followed. */
export interface ResolvedPath {
  /** Absolute; the deepest part that exists. */
  readonly existing: string;
  /** Names below it that do not exist. */
  readonly missing: readonly string[];
}

/** Whether `path` is `root` or below it; both absolute, without links and `..`. */
export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** `path`, which is inside `root`, as tools show it: relative, with `/`. */
export function toShownPath(root: string, path: string): string {
  const shown = path.slice(root.endsWith(sep) ? root.length : root.length + 1);
  return sep === '/' ? shown : shown.replaceAll(sep, '/');
}

/**
 * Follows `path` (relative to `root`, or absolute) name by name; a link may lead anywhere inside `root`.
 *
 * What it answers holds at this moment only: an agent may swap a folder for a link at any time. So what is opened by it is
 * checked again by its handle, see `openFile` and `openFolder`.
 *
 * @throws {AppError} WORKSPACE_ESCAPE when it leads out of `root`, FILE_NOT_FOUND when a file is taken for a folder.
 */
export async function resolvePath(root: string, path: string): Promise<ResolvedPath> {
  const target = resolve(root, path);
  if (path.includes('\0') || !isInside(root, target)) throw toEscape(path);
  const names = toNames(root, target);
  let current = root;
  for (let links = 0, name = names.shift(); name !== undefined; name = names.shift()) {
    const next = join(current, name);
    const status = await lstat(next).catch((error: unknown) => toUndefined(error, path));
    if (status === undefined) return { existing: current, missing: [name, ...names] };
    if (!status.isSymbolicLink()) {
      current = next;
      continue;
    }
    const linked = resolve(current, await readlink(next));
    if (++links > MAX_LINKS || !isInside(root, linked)) throw toEscape(path);
    names.unshift(...toNames(root, linked));
    current = root;
  }
  return { existing: current, missing: [] };
}

/** As `resolvePath`, of something that has to exist. @throws {AppError} WORKSPACE_ESCAPE or FILE_NOT_FOUND. */
export async function resolveExisting(root: string, path: string): Promise<string> {
  const { existing, missing } = await resolvePath(root, path);
  if (missing.length > 0) throw toMissing(path);
  return existing;
}

/** As `resolveExisting`, of a folder. @throws {AppError} WORKSPACE_ESCAPE, FILE_NOT_FOUND, or TOOL_FAILED for a file. */
export async function resolveFolder(root: string, path: string): Promise<string> {
  const resolved = await resolveExisting(root, path);
  const status = await lstat(resolved).catch((error: unknown) => toUndefined(error, path));
  if (status === undefined) throw toMissing(path);
  if (!status.isDirectory()) throw new AppError('TOOL_FAILED', `${quote(path)} is a file; name a folder.`);
  return resolved;
}

/**
 * Opens a file for reading and makes sure, by what was really opened, that it lies inside `root`.
 *
 * @throws {AppError} WORKSPACE_ESCAPE, FILE_NOT_FOUND, TOOL_FAILED for what is no regular file or may not be read.
 */
export async function openFile(root: string, path: string): Promise<FileHandle> {
  const resolved = (await followInside(root, path)) ?? (await resolveExisting(root, path));
  const file = await open(resolved, READ_FLAGS).catch((error: unknown) => fail(error, path));
  return await checked(root, path, resolved, file);
}

/**
 * As `resolveExisting`, by the system's own following, in one step; `undefined` when it is missing or leads outside, which
 * then has to be told apart.
 *
 * @throws {AppError} WORKSPACE_ESCAPE for what leads outside by its own words.
 */
export async function followInside(root: string, path: string): Promise<string | undefined> {
  const target = resolve(root, path);
  if (path.includes('\0') || !isInside(root, target)) throw toEscape(path);
  const place = await realpath(target).catch(() => undefined);
  return place !== undefined && isInside(root, place) ? place : undefined;
}

/**
 * Opens the folder `path`, making it and its parents where they are missing. Names are to be used below
 * its `path`: then a link that takes the folder's place afterwards changes nothing.
 *
 * @throws {AppError} WORKSPACE_ESCAPE, TOOL_FAILED when something else has its name or it may not be made.
 */
export async function openFolder(root: string, path: string): Promise<OpenFolder> {
  const { existing, missing } = await resolvePath(root, path);
  let folder = await openChecked(root, path, existing);
  try {
    for (const name of missing) {
      const child = join(folder.path, name);
      await mkdir(child).catch((error: unknown) => toUndefinedIfThere(error, path));
      const next = await openChecked(root, path, child);
      await folder.handle.close();
      folder = next;
    }
    return folder;
  } catch (error) {
    await folder.handle.close();
    throw error;
  }
}

/** A folder that is open. */
export interface OpenFolder {
  readonly handle: FileHandle;
  /** A way to the folder that leads to this very one wherever it has been moved (Linux), else its path. */
  readonly path: string;
}

async function openChecked(root: string, path: string, resolved: string): Promise<OpenFolder> {
  const handle = await open(resolved, FOLDER_FLAGS).catch((error: unknown) => fail(error, path));
  await checked(root, path, resolved, handle, true);
  return { handle, path: process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : resolved };
}

/** Answers the handle when it is what it should be and lies inside `root`; closes it otherwise. */
async function checked(
  root: string,
  path: string,
  resolved: string,
  handle: FileHandle,
  folder = false,
): Promise<FileHandle> {
  try {
    // Both ask the kernel about something that is open, not the disk: a round trip to another thread would cost more.
    const status = fstatSync(handle.fd);
    if (folder ? !status.isDirectory() : !status.isFile()) throw toUnfit(path, status.isDirectory());
    const place = await placeOf(handle, resolved);
    if (place === undefined || !isInside(root, place)) throw toEscape(path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Where the opened thing lies. Elsewhere than on Linux it is looked up again by its path and compared: a narrow race is left. */
async function placeOf(handle: FileHandle, resolved: string): Promise<string | undefined> {
  if (process.platform === 'linux') return readlinkSync(`/proc/self/fd/${handle.fd}`);
  const [opened, place] = await Promise.all([handle.stat({ bigint: true }), realpath(resolved)]);
  const found = await lstat(place, { bigint: true });
  return found.ino === opened.ino && found.dev === opened.dev ? place : undefined;
}

/** Whether writing to `path`, relative to the workspace, would change what git runs or obeys. */
export function isGitOwned(shownPath: string): boolean {
  return shownPath.split('/').some((name) => name.toLowerCase() === GIT_FOLDER);
}

function toNames(root: string, target: string): string[] {
  return relative(root, target)
    .split(sep)
    .filter((name) => name !== '');
}

/** WORKSPACE_ESCAPE for a path as its caller wrote it. */
export function toEscape(path: string): AppError {
  return new AppError('WORKSPACE_ESCAPE', `${quote(path)} leads outside the workspace; use a path inside it.`);
}

function toMissing(path: string): AppError {
  return new AppError('FILE_NOT_FOUND', `There is no ${quote(path)}; list_files shows what there is.`);
}

function toUnfit(path: string, isFolder: boolean): AppError {
  const what = isFolder ? 'a folder; name a file' : 'no regular file';
  return new AppError('TOOL_FAILED', `${quote(path)} is ${what}.`);
}

function quote(path: string): string {
  return JSON.stringify(path.length > 300 ? `${path.slice(0, 300)}…` : path);
}

function toUndefined(error: unknown, path: string): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  return fail(error, path);
}

function toUndefinedIfThere(error: unknown, path: string): undefined {
  if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
  return fail(error, path);
}

/** Throws what the file system said, in words a model can act on. */
export function fail(error: unknown, path: string): never {
  throw toFileError(error, path);
}

/** What the file system said, in words a model can act on. */
function toFileError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return toMissing(path);
    case 'ELOOP':
      return toEscape(path);
    case 'EACCES':
    case 'EPERM':
      return new AppError('TOOL_FAILED', `${quote(path)} may not be used: permission denied.`, { cause: error });
    case 'ENAMETOOLONG':
      return new AppError('TOOL_FAILED', `${quote(path)} is too long for a path.`, { cause: error });
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('TOOL_FAILED', `There is no room on the disk for ${quote(path)}.`, { cause: error });
    case 'EROFS':
      return new AppError('TOOL_FAILED', `${quote(path)} is on a file system that cannot be written.`, {
        cause: error,
      });
    // What opening a socket, or a device without a driver, answers.
    case 'ENXIO':
    case 'ENODEV':
      return toUnfit(path, false);
    case 'EISDIR':
      return toUnfit(path, true);
    default:
      return error;
  }
}
