import { Worker } from 'node:worker_threads';
import { createKnowledgeMemory } from '../../../runtime/knowledge/knowledge-memory.ts';
import type { Measured } from '../section.ts';
import type { SearchThreadData } from './search-thread.ts';

const PASSAGES = 20_000;
const WORDS_A_PASSAGE = 120;
const VOCABULARY = 20_000;
const THREADS = 8;
const QUESTIONS = 200;
const WORDS_A_QUESTION = 6;
const MB = 1e6;

/** The same numbers each time (mulberry32). */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Words as texts have them: a few are most of it. */
function createText(chance: () => number, words: number): string {
  return Array.from({ length: words }, () => `word${Math.floor(VOCABULARY * chance() ** 3)}`).join(' ');
}

/** Threads that search the same documents, from one memory or each from its own; resident memory is what the threads add. */
export async function measureSearch(isCopied: boolean): Promise<Measured> {
  const chance = createChance(7);
  const text = () => createText(chance, WORDS_A_PASSAGE);
  const passages = Array.from({ length: PASSAGES }, (_, line) => ({ path: 'made.md', line, text: text() }));
  const { shared } = createKnowledgeMemory(passages);
  passages.length = 0;
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const questions = Array.from({ length: QUESTIONS }, () => createText(chance, WORDS_A_QUESTION));
  const data: SearchThreadData = { shared, isCopied, questions };
  const startMs = performance.now();
  const threads = Array.from(
    { length: THREADS },
    () => new Worker(new URL('./search-thread.ts', import.meta.url), { workerData: data }),
  );
  const answers = threads.map((thread) => new Promise<number[]>((resolve) => thread.once('message', resolve)));
  const times = (await Promise.all(answers)).flat().toSorted((a, b) => a - b);
  const tookMs = performance.now() - startMs;
  const residentMb = (process.memoryUsage().rss - before) / MB;
  await Promise.all(threads.map((thread) => thread.terminate()));
  const at = (ratio: number): number => times[Math.ceil(times.length * ratio) - 1]!;
  return {
    opsPerSec: (times.length / tookMs) * 1_000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    residentMb,
    knowledgeMb: shared.byteLength / MB,
  };
}
