import { readSync } from 'node:fs';
import type { ConfinedFile } from '../../workspace/confined-file.ts';

const FIRST_BLOCK_BYTES = 256 * 1_024;
/** A longer line is in no file that a person wrote; holding it would make the memory of a search depend on its files. */
const MAX_LINE_BYTES = 16 * 1_024 * 1_024;
/** As git: a file with a NUL in its first 8,000 bytes is not text. */
const PROBED_BYTES = 8_000;
const NEWLINE = 10;

/** Why a file was given up. */
export type Unreadable = 'not text' | 'a line is too long';

/** The block of the thread: tasks in it run one after the other. */
let shared = Buffer.alloc(0);

/**
 * Reads a file in blocks of whole lines, each ending in a newline except perhaps the last one. A block is valid until the
 * next one is asked for. Memory depends on the longest line, not on the file: at most 16 MB.
 */
export function* readLineBlocks(file: ConfinedFile, checkpoint: () => void): Generator<Buffer, Unreadable | undefined> {
  if (shared.length === 0) shared = Buffer.allocUnsafe(FIRST_BLOCK_BYTES);
  let carried = 0;
  for (let position = 0; ;) {
    checkpoint();
    const room = shared.length - carried;
    const read = readSync(file.descriptor, shared, carried, room, position);
    if (position === 0 && shared.subarray(0, Math.min(read, PROBED_BYTES)).includes(0)) return 'not text';
    position += read;
    const filled = carried + read;
    // Of a regular file less than asked for is all that is left.
    if (read < room) {
      if (filled > 0) yield shared.subarray(0, filled);
      return undefined;
    }
    const end = shared.lastIndexOf(NEWLINE, filled - 1) + 1;
    if (end > 0) yield shared.subarray(0, end);
    carried = filled - end;
    shared.copyWithin(0, end, filled);
    if (carried === shared.length && !grow(carried)) return 'a line is too long';
  }
}

function grow(carried: number): boolean {
  if (shared.length >= MAX_LINE_BYTES) return false;
  const larger = Buffer.allocUnsafe(shared.length * 4);
  shared.copy(larger, 0, 0, carried);
  shared = larger;
  return true;
}
