import type { ConfinedFile } from '../../workspace/confined-file.ts';
import { readLineBlocks, type Unreadable } from './line-blocks.ts';
import type { LinePattern } from './line-pattern.ts';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** What is told of each line that fits: its number from 1, and its text without the line's end. */
export type LineListener = (lineNumber: number, line: string) => void;

/** What came of one file. */
export interface FileSearch {
  readonly count: number;
  readonly unreadable: Unreadable | undefined;
}

/**
 * Counts the lines of a file that fit, reading it in blocks. `onLine` is called for them while it answers; asking for no
 * lines (`undefined`) saves counting line numbers.
 */
export function searchFile(
  file: ConfinedFile,
  pattern: LinePattern,
  checkpoint: () => void,
  onLine?: LineListener,
): FileSearch {
  const search = new BlockSearch(pattern, onLine);
  const blocks = readLineBlocks(file, checkpoint);
  for (let next = blocks.next(); ; next = blocks.next()) {
    if (next.done) return { count: search.count, unreadable: next.value };
    search.take(next.value);
  }
}

class BlockSearch {
  count = 0;
  readonly #pattern: LinePattern;
  readonly #onLine: LineListener | undefined;
  /** Lines in the blocks before this one. */
  #linesBefore = 0;

  constructor(pattern: LinePattern, onLine: LineListener | undefined) {
    this.#pattern = pattern;
    this.#onLine = onLine;
  }

  take(block: Buffer): void {
    const { literal } = this.#pattern;
    if (literal === undefined) this.#tryEveryLine(block);
    else this.#tryLinesWith(block, literal);
  }

  #tryEveryLine(block: Buffer): void {
    for (let start = 0; start < block.length;) {
      const end = toLineEnd(block, start);
      this.#linesBefore++;
      this.#try(block, start, end, this.#linesBefore);
      start = end + 1;
    }
  }

  #tryLinesWith(block: Buffer, literal: Buffer): void {
    let [countedTo, line] = [0, this.#linesBefore + 1];
    for (let at = block.indexOf(literal); at !== -1;) {
      const start = at === 0 ? 0 : block.lastIndexOf(NEWLINE, at - 1) + 1;
      const end = toLineEnd(block, at);
      if (this.#onLine !== undefined) line += countNewlines(block, countedTo, start);
      countedTo = start;
      this.#try(block, start, end, line);
      at = end + 1 < block.length ? block.indexOf(literal, end + 1) : -1;
    }
    if (this.#onLine !== undefined) this.#linesBefore = line - 1 + countNewlines(block, countedTo, block.length);
  }

  #try(block: Buffer, start: number, end: number, lineNumber: number): void {
    const textEnd = end > start && block[end - 1] === CARRIAGE_RETURN && end < block.length ? end - 1 : end;
    const line = block.toString('utf8', start, textEnd);
    if (!this.#pattern.fits(line)) return;
    this.count++;
    this.#onLine?.(lineNumber, line);
  }
}

function toLineEnd(block: Buffer, from: number): number {
  const end = block.indexOf(NEWLINE, from);
  return end === -1 ? block.length : end;
}

function countNewlines(block: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = block.indexOf(NEWLINE, from); at !== -1 && at < to; at = block.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
