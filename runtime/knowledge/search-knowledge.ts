import { z } from 'zod';
import { AppError } from '../../shared/errors/app-error.ts';
import { runInThread } from '../tools/built-in/thread-task.ts';
import type { Tool } from '../tools/tool.ts';
import type { CpuWorkers } from '../workers/cpu-lane.ts';
import type { SearchKnowledgeOrder } from './search-knowledge-task.ts';

const input = z.strictObject({
  query: z.string().min(1).max(10_000).describe('What is looked for, in words that the documents may use.'),
  limit: z.int().min(1).max(50).default(5).describe('Passages answered at most.'),
});

/** Finds passages of the fleet's knowledge. What was read when the run began is what it knows, whatever becomes of the files. */
export function searchKnowledgeTool(workers: CpuWorkers): Tool<z.infer<typeof input>> {
  return {
    name: 'search_knowledge',
    description: 'Finds the passages of the given documents that fit a question best, each with its file and line.',
    input,
    lane: 'cpu',
    repeatable: true,
    basis: { lane: 'io', look: async (_, { knowledge }) => knowledge?.digest },
    async run({ query, limit }, context) {
      const { knowledge } = context;
      if (knowledge === undefined) {
        throw new AppError('TOOL_FAILED', 'This fleet has no knowledge; search_files looks through the workspace.');
      }
      const order: SearchKnowledgeOrder = { shared: knowledge.shared, query, limit };
      return { text: await runInThread<string>(workers, 'search-knowledge', order, context), basis: knowledge.digest };
    },
  };
}
