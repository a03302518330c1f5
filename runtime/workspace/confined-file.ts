import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  lstatSync,
  type Dirent,
} from 'node:fs';
import { isInside, toEscape } from './workspace.ts';

const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const FOLDER_FLAGS = READ_FLAGS | (constants.O_DIRECTORY ?? 0);

/** A regular file that is open in a worker thread, where waiting for the disk holds up nobody. */
export interface ConfinedFile extends Disposable {
  readonly descriptor: number;
  readonly sizeBytes: number;
}

/**
 * Opens `path`, absolute and found by walking `root` without following links, and makes sure by what was really opened
 * that it is a regular file inside `root`: on the way to it a folder may have become a link.
 *
 * @throws {AppError} WORKSPACE_ESCAPE, else what the file system says.
 */
export function openConfinedFile(root: string, path: string): ConfinedFile | undefined {
  const descriptor = openSync(path, READ_FLAGS);
  let isKept = false;
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return undefined;
    if (!isInside(root, placeOf(descriptor, path))) throw toEscape(path);
    isKept = true;
    return { descriptor, sizeBytes: status.size, [Symbol.dispose]: () => closeSync(descriptor) };
  } finally {
    if (!isKept) closeSync(descriptor);
  }
}

/** Lists a folder inside `root`, under the conditions of `openConfinedFile`. @throws {AppError} WORKSPACE_ESCAPE. */
export function readConfinedFolder(root: string, path: string): Dirent[] {
  if (process.platform !== 'linux') {
    if (!isInside(root, realpathSync(path))) throw toEscape(path);
    return readdirSync(path, { withFileTypes: true });
  }
  const descriptor = openSync(path, FOLDER_FLAGS);
  try {
    if (!isInside(root, placeOf(descriptor, path))) throw toEscape(path);
    return readdirSync(`/proc/self/fd/${descriptor}`, { withFileTypes: true });
  } finally {
    closeSync(descriptor);
  }
}

function placeOf(descriptor: number, path: string): string {
  if (process.platform === 'linux') return readlinkSync(`/proc/self/fd/${descriptor}`);
  const place = realpathSync(path);
  const [opened, found] = [fstatSync(descriptor, { bigint: true }), lstatSync(place, { bigint: true })];
  if (opened.ino !== found.ino || opened.dev !== found.dev) throw toEscape(path);
  return place;
}
