import { parentPort, workerData } from 'node:worker_threads';
import { searchKnowledge } from '../../../runtime/knowledge/knowledge-memory.ts';

/** What a thread of the comparison is given. */
export interface SearchThreadData {
  readonly shared: SharedArrayBuffer;
  readonly isCopied: boolean;
  readonly questions: readonly string[];
}

const { shared, isCopied, questions } = workerData as SearchThreadData;
const memory = isCopied ? copy(shared) : shared;
const times = questions.map((question) => {
  const startMs = performance.now();
  searchKnowledge(memory, question, 5);
  return performance.now() - startMs;
});
// Stays, with what it holds, until it is ended.
parentPort!.on('message', () => searchKnowledge(memory, '', 1));
parentPort!.postMessage(times, []);

function copy(from: SharedArrayBuffer): SharedArrayBuffer {
  const to = new SharedArrayBuffer(from.byteLength);
  new Uint8Array(to).set(new Uint8Array(from));
  return to;
}
