import { z } from 'zod';
import type { CpuWorkers } from '../../workers/cpu-lane.ts';
import type { OutlineFileOrder } from '../cpu/outline-file-task.ts';
import type { Tool } from '../tool.ts';
import { resolveExisting } from '../../workspace/workspace.ts';
import { runInThread } from './thread-task.ts';

const input = z.strictObject({ path: z.string().min(1).describe('File, relative to the workspace.') });

type OutlineFileInput = z.infer<typeof input>;

/** Counts what is in a file and, of JavaScript and TypeScript, measures its functions. */
export function outlineFileTool(workers: CpuWorkers): Tool<OutlineFileInput> {
  return {
    name: 'outline_file',
    description:
      'Answers JSON about a file: lines, exports, imports, TODOs and, of JavaScript and TypeScript, its functions with their lengths.',
    input,
    lane: 'cpu',
    repeatable: true,
    async run({ path }, context) {
      const { workspace: root, maxOutputBytes: maxBytes } = context;
      const order: Omit<OutlineFileOrder, 'timeLimitMs'> = { root, path: await resolveExisting(root, path), maxBytes };
      return { text: await runInThread<string>(workers, 'outline-file', order, context) };
    },
  };
}
