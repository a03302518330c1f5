import { z } from 'zod';
import type { CpuWorkers } from '../../workers/cpu-lane.ts';
import type { ListFilesAnswer, ListFilesOrder } from '../cpu/list-files-task.ts';
import type { Tool } from '../tool.ts';
import { resolveFolder } from '../../workspace/workspace.ts';
import { runInThread } from './thread-task.ts';

const input = z.strictObject({
  path: z.string().min(1).default('.').describe('Folder, relative to the workspace.'),
  glob: z
    .string()
    .min(1)
    .default('**/*')
    .describe('Which files, relative to the folder: "src/**/*.ts"; without a slash at any depth: "*.md".'),
  limit: z.int().min(1).max(10_000).default(1_000).describe('Files shown at most; all are counted.'),
});

type ListFilesInput = z.infer<typeof input>;

/** Lists the files below a folder that git would not ignore, sorted. */
export function listFilesTool(workers: CpuWorkers): Tool<ListFilesInput> {
  return {
    name: 'list_files',
    description: 'Lists files, sorted by path, without those that git ignores. The first line says how many there are.',
    input,
    lane: 'cpu',
    repeatable: true,
    async run({ path, glob, limit }, context) {
      const start = await resolveFolder(context.workspace, path);
      const order: Omit<ListFilesOrder, 'timeLimitMs'> = {
        root: context.workspace,
        start,
        glob,
        limit,
        maxBytes: context.maxOutputBytes,
      };
      return await runInThread<ListFilesAnswer>(workers, 'list-files', order, context);
    },
  };
}
