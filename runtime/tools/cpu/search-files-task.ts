import { isAppError } from '../../../shared/errors/app-error.ts';
import { basisOfOpen, findBasis, type FileBasis } from '../../workspace/file-basis.ts';
import { openConfinedFile } from '../../workspace/confined-file.ts';
import { searchFile, type FileSearch, type LineListener } from './file-search.ts';
import type { WalkedFile } from '../../workspace/file-walk.ts';
import { FilesBasis } from './files-basis.ts';
import { parseLinePattern } from './line-pattern.ts';
import { filesOf, type SearchedFiles } from './searched-files.ts';
import { createTimeLimit } from './time-limit.ts';

/** Characters of a line that are shown. */
const MAX_LINE_CHARS = 400;

/** What `searchFilesTask` is given. */
export interface SearchFilesOrder extends SearchedFiles {
  readonly pattern: string;
  readonly ignoreCase: boolean;
  readonly mode: 'matches' | 'count';
  readonly limit: number;
  readonly maxBytes: number;
  readonly timeLimitMs: number;
  /** Whether the answer is to say what it was made from. */
  readonly wantsBasis?: boolean;
}

/** What was found, as text. */
export interface SearchFilesAnswer {
  readonly text: string;
  readonly outputBytes: number;
  /** As `filesBasisTask` tells it; absent when a file changed while it was read, or too shortly before. */
  readonly basis?: string;
}

/**
 * Searches files line by line; runs in a worker thread. Memory depends on neither the size nor the number of the files.
 *
 * @throws {AppError} PATTERN_INVALID, TASK_TIMED_OUT, WORKSPACE_ESCAPE, FILE_NOT_FOUND.
 */
export function searchFilesTask(order: SearchFilesOrder): SearchFilesAnswer {
  const pattern = parseLinePattern(order.pattern, order.ignoreCase);
  const checkpoint = createTimeLimit(order.timeLimitMs, 'name a folder in "path" or a narrower "glob"');
  const found = new Findings(order);
  const basis = order.wantsBasis ? new FilesBasis() : undefined;
  for (const file of filesOf(order, checkpoint)) {
    const search = trySearch(order.root, file, (opened) => {
      const before = basis && basisOfOpen(opened.descriptor);
      const one = searchFile(opened, pattern, checkpoint, found.lineListener(file.shown));
      if (before) basis.add(file.shown, before, basisOfOpen(opened.descriptor));
      return one;
    });
    if (search === 'denied') basis?.add(file.shown, findBasisOrNone(file.path));
    if (search !== undefined) found.add(file.shown, search);
  }
  const answer = found.toAnswer();
  return basis?.isSettled ? { ...answer, basis: basis.toText() } : answer;
}

function findBasisOrNone(path: string): FileBasis | undefined {
  try {
    return findBasis(path);
  } catch {
    return undefined;
  }
}

type Opened = NonNullable<ReturnType<typeof openConfinedFile>>;

/** `undefined` for what is no regular file any more. What may not be read is counted, not thrown. */
function trySearch(
  root: string,
  file: WalkedFile,
  search: (opened: Opened) => FileSearch,
): FileSearch | 'denied' | undefined {
  try {
    using opened = openConfinedFile(root, file.path);
    return opened && search(opened);
  } catch (error) {
    if (isAppError(error)) throw error;
    return 'denied';
  }
}

/** Collects what is shown and counts the rest. */
class Findings {
  readonly #order: SearchFilesOrder;
  readonly #lines: string[] = [];
  #keptBytes = 0;
  #bytes = 0;
  #shown = 0;
  #entries = 0;
  #matches = 0;
  #filesWithMatch = 0;
  #searched = 0;
  #notText = 0;
  #unreadable = 0;

  constructor(order: SearchFilesOrder) {
    this.#order = order;
  }

  /** Takes the lines of one file, while more are to be shown. */
  lineListener(shown: string): LineListener | undefined {
    if (this.#order.mode === 'count' || this.#shown >= this.#order.limit) return undefined;
    return (lineNumber, line) => {
      const text = line.length > MAX_LINE_CHARS ? `${toWhole(line.slice(0, MAX_LINE_CHARS))}…` : line;
      this.#show(`${shown}:${lineNumber}:${text}`);
    };
  }

  add(shown: string, search: FileSearch | 'denied'): void {
    if (search === 'denied') {
      this.#unreadable++;
      return;
    }
    if (search.unreadable !== undefined) this.#notText++;
    else this.#searched++;
    if (search.count === 0) return;
    this.#matches += search.count;
    this.#filesWithMatch++;
    this.#entries += this.#order.mode === 'count' ? 1 : search.count;
    if (this.#order.mode === 'count') this.#show(`${shown}:${search.count}`);
  }

  toAnswer(): SearchFilesAnswer {
    const parts = [`matches: ${this.#matches} in ${this.#filesWithMatch} files`, `${this.#searched} searched`];
    if (this.#entries > this.#shown) parts.push(`first ${this.#shown} shown`);
    if (this.#notText > 0) parts.push(`${this.#notText} skipped (not text)`);
    if (this.#unreadable > 0) parts.push(`${this.#unreadable} skipped (unreadable)`);
    const head = parts.join(', ');
    return { text: [head, ...this.#lines].join('\n') + '\n', outputBytes: head.length + 1 + this.#bytes };
  }

  #show(line: string): void {
    if (this.#shown >= this.#order.limit) return;
    this.#shown++;
    const lineBytes = Buffer.byteLength(line) + 1;
    this.#bytes += lineBytes;
    // A little more than fits is kept, so that the cap is put where all caps are.
    if (this.#keptBytes > this.#order.maxBytes) return;
    this.#keptBytes += lineBytes;
    this.#lines.push(line);
  }
}

/** `text` without half of a surrogate pair at its end. */
function toWhole(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
}
