import { createHash, type Hash } from 'node:crypto';
import { findBasis, type FileBasis } from '../../workspace/file-basis.ts';
import { toShownPath } from '../../workspace/workspace.ts';
import { filesOf, type SearchedFiles } from './searched-files.ts';
import { createTimeLimit } from './time-limit.ts';

/** What `filesBasisTask` is given. */
export type FilesBasisOrder = SearchedFiles & { readonly timeLimitMs: number };

/** The bases of many files as one text, put together file by file. */
export class FilesBasis {
  readonly #hash: Hash = createHash('sha256');
  #isSettled = true;

  /** Takes a file as it was before and after it was read. One that is there and cannot be looked at makes the whole unsure. */
  add(shown: string, before: FileBasis | undefined, after: FileBasis | undefined = before): void {
    this.#hash.update(`${shown}\0${before?.text ?? ''}\n`);
    if (!before?.isSettled || before.text !== after?.text) this.#isSettled = false;
  }

  /** Whether nothing changed while it was put together, or so shortly before that it would not show. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  toText(): string {
    return this.#hash.digest('base64url');
  }
}

/**
 * The basis of what a search would read: of each file its place, size and times. Reads none of them; runs in a worker thread.
 *
 * @throws {AppError} PATTERN_INVALID, TASK_TIMED_OUT, WORKSPACE_ESCAPE, FILE_NOT_FOUND.
 */
export function filesBasisTask(order: FilesBasisOrder): string {
  const checkpoint = createTimeLimit(order.timeLimitMs, 'name a folder in "path" or a narrower "glob"');
  const basis = new FilesBasis();
  for (const file of filesOf(order, checkpoint)) {
    const found = findBasis(file.path);
    if (found !== undefined) basis.add(toShownPath(order.root, file.path), found);
  }
  return basis.toText();
}
