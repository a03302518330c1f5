import { z } from 'zod';
import type { CpuWorkers } from '../../workers/cpu-lane.ts';
import type { FilesBasisOrder } from '../cpu/files-basis.ts';
import type { SearchFilesAnswer, SearchFilesOrder } from '../cpu/search-files-task.ts';
import type { Tool } from '../tool.ts';
import { resolveExisting } from '../../workspace/workspace.ts';
import { runInThread } from './thread-task.ts';

const input = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .describe('Regular expression (RE2: no look-around, no back-references), tried on each line.'),
  path: z.string().min(1).default('.').describe('Folder or file, relative to the workspace.'),
  glob: z.string().min(1).default('**/*').describe('Which files, as in list_files.'),
  mode: z
    .enum(['matches', 'count'])
    .default('matches')
    .describe('`matches`: file:line:text; `count`: lines that match, per file.'),
  ignoreCase: z.boolean().default(false),
  limit: z.int().min(1).max(10_000).default(200).describe('Lines shown at most; all are counted.'),
});

type SearchFilesInput = z.infer<typeof input>;

/** Searches files line by line, in time linear in their size whatever the expression is. */
export function searchFilesTool(workers: CpuWorkers): Tool<SearchFilesInput> {
  return {
    name: 'search_files',
    description: 'Searches files for a regular expression, line by line, without those that git ignores.',
    input,
    lane: 'cpu',
    repeatable: true,
    basis: {
      lane: 'cpu',
      async look({ path, glob }, context) {
        const { workspace: root } = context;
        const order: Omit<FilesBasisOrder, 'timeLimitMs'> = { root, start: await resolveExisting(root, path), glob };
        return await runInThread<string>(workers, 'files-basis', order, context);
      },
    },
    async run({ path, ...wanted }, context) {
      const start = await resolveExisting(context.workspace, path);
      const order: Omit<SearchFilesOrder, 'timeLimitMs'> = {
        ...wanted,
        root: context.workspace,
        start,
        maxBytes: context.maxOutputBytes,
        wantsBasis: context.wantsBasis,
      };
      return await runInThread<SearchFilesAnswer>(workers, 'search-files', order, context);
    },
  };
}
