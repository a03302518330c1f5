import type { Dirent } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError, isAppError } from '../../shared/errors/app-error.ts';
import { isInside, toShownPath } from './workspace.ts';
import { readConfinedFolder } from './confined-file.ts';
import { enterFolder, enterKeptFolder, isIgnored, readOuterScope, type IgnoreScope } from './ignored-paths.ts';

/** Deeper than any file system allows a path to be, so that the walk ends whatever it meets. */
const MAX_DEPTH = 512;

/** A regular file found by the walk. */
export interface WalkedFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the workspace, with `/`. */
  readonly shown: string;
}

/** Called for each folder, so that a walk can be stopped: it throws. */
export type Checkpoint = () => void;

/**
 * The regular files below `start` that git would not ignore, in the order of their shown paths (by UTF-16 code unit).
 * A `start` that is itself ignored is walked all the same. Links are not followed and not listed; `.git` is left out; a folder that cannot be read is passed over.
 *
 * @param start Absolute, inside `root`, without links.
 */
export function* walkFiles(
  root: string,
  start: string,
  checkpoint: Checkpoint = () => {},
): Generator<WalkedFile, void> {
  yield* walkFolder({ root, checkpoint }, start, readScope(root, start), 0);
}

interface Walk {
  readonly root: string;
  readonly checkpoint: Checkpoint;
}

function* walkFolder(
  walk: Walk,
  folder: string,
  outer: IgnoreScope | undefined,
  depth: number,
): Generator<WalkedFile, void> {
  walk.checkpoint();
  if (depth > MAX_DEPTH) return;
  const entries = readEntries(walk.root, folder);
  const hasRules = entries.some(([name]) => name === '.gitignore');
  const scope = hasRules ? enterFolder(outer, folder) : outer;
  for (const [name, isFolder] of entries) {
    const path = join(folder, isFolder ? name.slice(0, -1) : name);
    if (isIgnored(scope, path, isFolder)) continue;
    if (isFolder) yield* walkFolder(walk, path, enterKeptFolder(scope, path), depth + 1);
    else yield { path, shown: toShownPath(walk.root, path) };
  }
}

/** Files and folders in the order of what is below them: a folder sorts as its name with `/`, as it does inside a path. */
function readEntries(root: string, folder: string): [name: string, isFolder: boolean][] {
  const entries: [string, boolean][] = [];
  for (const entry of readFolder(root, folder)) {
    if (entry.name === '.git') continue;
    if (entry.isDirectory()) entries.push([`${entry.name}/`, true]);
    else if (entry.isFile()) entries.push([entry.name, false]);
  }
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function readFolder(root: string, folder: string): Dirent[] {
  try {
    return readConfinedFolder(root, folder);
  } catch (error) {
    if (isAppError(error) || folder === root) throw error;
    return [];
  }
}

/** The rules that hold at `start`. Who names an ignored folder wants to see what is in it: then only its own rules hold. */
function readScope(root: string, start: string): IgnoreScope | undefined {
  if (!isInside(root, start)) throw new AppError('INTERNAL', 'A walk has to start inside the workspace.');
  const above: string[] = [];
  for (let folder = start; folder !== root; folder = dirname(folder)) above.unshift(folder);
  let scope = readOuterScope(root);
  let parent = root;
  for (const folder of above) {
    scope = enterFolder(scope, parent);
    if (isIgnored(scope, folder, true)) return undefined;
    scope = enterKeptFolder(scope, folder);
    parent = folder;
  }
  return scope;
}
