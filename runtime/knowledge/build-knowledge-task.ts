import { readFileSync } from 'node:fs';
import { isUtf8 } from 'node:buffer';
import { AppError } from '../../shared/errors/app-error.ts';
import { openConfinedFile } from '../workspace/confined-file.ts';
import { filesOf } from '../tools/cpu/searched-files.ts';
import { createTimeLimit } from '../tools/cpu/time-limit.ts';
import { createKnowledgeMemory, type KnowledgeMemory } from './knowledge-memory.ts';
import { toPassages, type Passage } from './passages.ts';

/** What may be read for one run: about 25,000 pages. More would want a store of its own. */
const MAX_TEXT_BYTES = 64 * 2 ** 20;

/** What `buildKnowledgeTask` is given. */
export interface BuildKnowledgeOrder {
  /** The workspace: absolute, links resolved. */
  readonly root: string;
  /** Relative to the workspace. */
  readonly glob: string;
  readonly timeLimitMs: number;
}

/**
 * Reads documents into shared memory; runs in a worker thread. Files that git ignores and those that are no text are left out.
 *
 * @throws {AppError} KNOWLEDGE_UNFIT when no file fits, or they are too large; PATTERN_INVALID, TASK_TIMED_OUT, WORKSPACE_ESCAPE.
 */
export function buildKnowledgeTask({ root, glob, timeLimitMs }: BuildKnowledgeOrder): KnowledgeMemory {
  const checkpoint = createTimeLimit(timeLimitMs, 'name fewer files in "knowledge"');
  const passages: Passage[] = [];
  let bytes = 0;
  for (const file of filesOf({ root, start: root, glob }, checkpoint)) {
    checkpoint();
    using opened = openConfinedFile(root, file.path);
    if (opened === undefined) continue;
    bytes += opened.sizeBytes;
    if (bytes > MAX_TEXT_BYTES) throw unfit(`the files of "${glob}" have more than 64 MiB; name fewer of them`);
    const content = readFileSync(opened.descriptor);
    if (!isUtf8(content) || content.includes(0)) continue;
    for (const passage of toPassages(file.shown, content.toString('utf8'))) passages.push(passage);
  }
  if (passages.length === 0) throw unfit(`no text file of the workspace fits "${glob}"; name others`);
  return createKnowledgeMemory(passages);
}

function unfit(why: string): AppError {
  return new AppError('KNOWLEDGE_UNFIT', `The fleet's knowledge cannot be read: ${why}.`);
}
