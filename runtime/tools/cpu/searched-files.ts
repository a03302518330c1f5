import { lstatSync } from 'node:fs';
import { AppError } from '../../../shared/errors/app-error.ts';
import { walkFiles, type WalkedFile } from '../../workspace/file-walk.ts';
import { toShownPath } from '../../workspace/workspace.ts';
import { parseGlob } from './glob-pattern.ts';

/** Which files a search reads. */
export interface SearchedFiles {
  readonly root: string;
  /** Absolute folder or file inside `root`, without links. */
  readonly start: string;
  /** Relative to `start`; a file that is itself `start` needs not fit it. */
  readonly glob: string;
}

/**
 * The files, in the order of their paths.
 *
 * @throws {AppError} PATTERN_INVALID, FILE_NOT_FOUND, and what `checkpoint` throws.
 */
export function* filesOf({ root, start, glob }: SearchedFiles, checkpoint: () => void): Generator<WalkedFile> {
  const fits = parseGlob(glob);
  const status = lstatSync(start, { throwIfNoEntry: false });
  if (status === undefined)
    throw new AppError('FILE_NOT_FOUND', 'The folder to search is gone; list_files shows what there is.');
  if (!status.isDirectory()) yield { path: start, shown: toShownPath(root, start) };
  else for (const file of walkFiles(root, start, checkpoint)) if (fits(toShownPath(start, file.path))) yield file;
}
