import type { Dirent } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import { isFleetFileName, parseAbsolutePath } from './fleet-path.ts';

/** Names listed of one folder, folders and files together. */
const MAX_LISTED = 1_000;

/** Names looked at: enough to sort any folder a person works in; of a larger one the system's first ones are shown. */
const MAX_LOOKED_AT = 20_000;

/** One folder, for choosing a fleet file. */
export interface BrowsedFolder {
  readonly folder: string;
  readonly parent?: string;
  readonly folders: string[];
  readonly files: string[];
  readonly isCut: boolean;
}

/**
 * The folders and YAML files of a folder by name, hidden ones left out; links count as what they lead to. At most 1,000
 * names, folders first.
 *
 * @throws {AppError} FILE_NOT_FOUND with the reason; INPUT_INVALID when the path is not absolute.
 */
export async function browseFolder(path: string): Promise<BrowsedFolder> {
  const folder = parseAbsolutePath(path);
  const folders: string[] = [];
  const files: string[] = [];
  let lookedAt = 0;
  try {
    for await (const entry of await opendir(folder)) {
      if (++lookedAt > MAX_LOOKED_AT) break;
      if (entry.name.startsWith('.')) continue;
      const kind = await kindOf(entry, folder);
      if (kind === 'folder') folders.push(entry.name);
      else if (kind === 'file' && isFleetFileName(entry.name)) files.push(entry.name);
    }
  } catch (error) {
    throw toFailure(error, folder);
  }
  const shownFolders = folders.toSorted(byName).slice(0, MAX_LISTED);
  const shownFiles = files.toSorted(byName).slice(0, MAX_LISTED - shownFolders.length);
  const parent = dirname(folder);
  return {
    folder,
    ...(parent === folder ? {} : { parent }),
    folders: shownFolders,
    files: shownFiles,
    isCut: lookedAt > MAX_LOOKED_AT || shownFolders.length + shownFiles.length < folders.length + files.length,
  };
}

async function kindOf(entry: Dirent, folder: string): Promise<'folder' | 'file' | 'other'> {
  if (entry.isDirectory()) return 'folder';
  if (entry.isFile()) return 'file';
  if (!entry.isSymbolicLink()) return 'other';
  const target = await stat(join(folder, entry.name)).catch(() => undefined);
  if (target?.isDirectory()) return 'folder';
  return target?.isFile() ? 'file' : 'other';
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function byName(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : 1);
}

function toFailure(error: unknown, folder: string): AppError {
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Record<string, string> = {
    ENOENT: `There is no folder ${folder}; choose another one.`,
    ENOTDIR: `${folder} is not a folder; choose the one it lies in.`,
    EACCES: `You have no right to look into ${folder}; choose another folder.`,
    EPERM: `The system does not let Flotilla look into ${folder}; allow it there, or choose another folder.`,
    ELOOP: `${folder} is a link that leads back to itself; choose another folder.`,
  };
  const message = reasons[code ?? ''] ?? `${folder} cannot be read (${code ?? String(error)}); choose another folder.`;
  return new AppError('FILE_NOT_FOUND', message, { cause: error });
}
