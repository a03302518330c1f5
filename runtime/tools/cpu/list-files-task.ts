import { parseGlob } from './glob-pattern.ts';
import { walkFiles } from '../../workspace/file-walk.ts';
import { toShownPath } from '../../workspace/workspace.ts';
import { createTimeLimit } from './time-limit.ts';

/** What `listFilesTask` is given. */
export interface ListFilesOrder {
  readonly root: string;
  /** Absolute folder inside `root`, without links. */
  readonly start: string;
  /** Relative to `start`. */
  readonly glob: string;
  readonly limit: number;
  readonly maxBytes: number;
  readonly timeLimitMs: number;
}

/** The files found, as text. */
export interface ListFilesAnswer {
  readonly text: string;
  readonly outputBytes: number;
}

/** Lists files; runs in a worker thread. @throws {AppError} PATTERN_INVALID, TASK_TIMED_OUT, WORKSPACE_ESCAPE. */
export function listFilesTask(order: ListFilesOrder): ListFilesAnswer {
  const fits = parseGlob(order.glob);
  const checkpoint = createTimeLimit(order.timeLimitMs, 'name a folder in "path"');
  const lines: string[] = [];
  let [total, shown, keptBytes, bytes] = [0, 0, 0, 0];
  for (const file of walkFiles(order.root, order.start, checkpoint)) {
    if (!fits(toShownPath(order.start, file.path))) continue;
    if (++total > order.limit) continue;
    const lineBytes = Buffer.byteLength(file.shown) + 1;
    bytes += lineBytes;
    shown++;
    if (keptBytes > order.maxBytes) continue;
    lines.push(file.shown);
    keptBytes += lineBytes;
  }
  const head = total > shown ? `files: ${total}, first ${shown} shown` : `files: ${total}`;
  return { text: [head, ...lines].join('\n') + '\n', outputBytes: head.length + 1 + bytes };
}
