import { AppError } from '../../../shared/errors/app-error.ts';
import { toShownPath } from '../../workspace/workspace.ts';
import { openConfinedFile, type ConfinedFile } from '../../workspace/confined-file.ts';
import { withBasis } from '../../workspace/file-basis.ts';
import { findFunctions, type FunctionOutline } from './function-outline.ts';
import { readLineBlocks } from './line-blocks.ts';
import { createTimeLimit } from './time-limit.ts';

/** A longer source is generated: it is counted, not parsed. */
const MAX_PARSED_BYTES = 4 * 1_024 * 1_024;
const MAX_FUNCTIONS_SHOWN = 200;
/** Room for everything but the list of functions. */
const FIXED_BYTES = 2_000;

/** What `outlineFileTask` is given. */
export interface OutlineFileOrder {
  readonly root: string;
  /** Absolute, inside `root`, without links. */
  readonly path: string;
  readonly maxBytes: number;
  readonly timeLimitMs: number;
  /** Whether the answer is to say what it was made from. */
  readonly wantsBasis?: boolean;
}

/** One line of JSON. */
export interface OutlineFileAnswer {
  readonly text: string;
  /** Absent when the file changed while it was read, or too shortly before. */
  readonly basis?: string;
}

interface LineCounts {
  bytes: number;
  lines: number;
  exports: number;
  imports: number;
  todos: number;
}

/** Outlines one file, as one line of JSON; runs in a worker thread. @throws {AppError} FILE_NOT_TEXT, TASK_TIMED_OUT, WORKSPACE_ESCAPE. */
export async function outlineFileTask(order: OutlineFileOrder): Promise<OutlineFileAnswer> {
  const path = toShownPath(order.root, order.path);
  using file = openConfinedFile(order.root, order.path);
  if (file === undefined) throw new AppError('TOOL_FAILED', `${JSON.stringify(path)} is no regular file.`);
  const outline = async (): Promise<OutlineFileAnswer> => ({ text: await outlineFile(file, path, order) });
  return order.wantsBasis ? await withBasis(file.descriptor, outline) : await outline();
}

async function outlineFile(file: ConfinedFile, path: string, order: OutlineFileOrder): Promise<string> {
  const language = toLanguage(path);
  const isSource = language !== 'text';
  const kept: Buffer[] = [];
  const counts: LineCounts = { bytes: 0, lines: 0, exports: 0, imports: 0, todos: 0 };
  const blocks = readLineBlocks(file, createTimeLimit(order.timeLimitMs, 'the file is too large to be outlined'));
  let next = blocks.next();
  for (; !next.done; next = blocks.next()) {
    countLines(next.value, counts);
    if (isSource && counts.bytes <= MAX_PARSED_BYTES) kept.push(Buffer.from(next.value));
  }
  if (next.value !== undefined)
    throw new AppError('FILE_NOT_TEXT', `${JSON.stringify(path)} cannot be outlined: ${next.value}.`);
  const { bytes, lines, todos, exports, imports } = counts;
  const head = { path, language, bytes, lines, todos };
  if (!isSource) return JSON.stringify({ ...head, exports, imports });
  if (bytes > MAX_PARSED_BYTES) return JSON.stringify({ ...head, exports, imports, problem: 'too large to be parsed' });
  const outline = await findFunctions(Buffer.concat(kept).toString('utf8'), path);
  return JSON.stringify({ ...head, exports, imports, ...toShown(outline, order.maxBytes) });
}

function toLanguage(path: string): 'typescript' | 'javascript' | 'text' {
  if (/\.[cm]?tsx?$/.test(path)) return 'typescript';
  return /\.[cm]?jsx?$/.test(path) ? 'javascript' : 'text';
}

function countLines(block: Buffer, counts: LineCounts): void {
  const text = block.toString('latin1');
  counts.bytes += block.length;
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    if (end !== -1) counts.lines++;
    const line = text.slice(start, end === -1 ? undefined : end);
    if (line.startsWith('export ')) counts.exports++;
    if (line.startsWith('import ')) counts.imports++;
    if (line.includes('TODO') || line.includes('FIXME')) counts.todos++;
    start = end === -1 ? text.length : end + 1;
  }
}

function toShown(outline: readonly FunctionOutline[] | { readonly problem: string }, maxBytes: number): object {
  if ('problem' in outline) return outline;
  let longest: FunctionOutline | undefined;
  for (const one of outline) if (longest === undefined || one.lines > longest.lines) longest = one;
  const shown: FunctionOutline[] = [];
  let room = maxBytes - FIXED_BYTES;
  for (const one of outline.slice(0, MAX_FUNCTIONS_SHOWN)) {
    room -= Buffer.byteLength(JSON.stringify(one)) + 1;
    if (room < 0) break;
    shown.push(one);
  }
  return { functions: outline.length, longest: longest ?? null, outline: shown };
}
