import { z } from 'zod';
import type { CpuWorkers } from '../../workers/cpu-lane.ts';
import type { OutlineFileAnswer, OutlineFileOrder } from '../cpu/outline-file-task.ts';
import type { Tool } from '../tool.ts';
import { loadBasis } from '../../workspace/file-basis.ts';
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
    basis: { lane: 'io', look: ({ path }, { workspace }) => loadBasis(workspace, path) },
    async run({ path: wanted }, context) {
      const { workspace: root, maxOutputBytes: maxBytes, wantsBasis } = context;
      const path = await resolveExisting(root, wanted);
      const order: Omit<OutlineFileOrder, 'timeLimitMs'> = { root, path, maxBytes, wantsBasis };
      return await runInThread<OutlineFileAnswer>(workers, 'outline-file', order, context);
    },
  };
}
