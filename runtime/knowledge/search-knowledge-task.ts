import { searchKnowledge } from './knowledge-memory.ts';

/** What `searchKnowledgeTask` is given. */
export interface SearchKnowledgeOrder {
  readonly shared: SharedArrayBuffer;
  readonly query: string;
  readonly limit: number;
}

/** The best passages as text, each under its place; runs in a worker thread, on the memory that all threads share. */
export function searchKnowledgeTask({ shared, query, limit }: SearchKnowledgeOrder): string {
  const found = searchKnowledge(shared, query, limit);
  const parts = found.map(({ path, line, score, text }) => `${path}:${line} (${score.toFixed(2)})\n${text}\n`);
  return [`passages: ${found.length}\n`, ...parts].join('\n');
}
