import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildKnowledgeTask } from '../../../runtime/knowledge/build-knowledge-task.ts';
import { createKnowledgeMemory, searchKnowledge } from '../../../runtime/knowledge/knowledge-memory.ts';
import { toPassages } from '../../../runtime/knowledge/passages.ts';
import { searchKnowledgeTask } from '../../../runtime/knowledge/search-knowledge-task.ts';
import { openTemporaryFolder } from '../../support/tool-bench.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const passagesOf = (texts: readonly string[]) => texts.map((text, at) => ({ path: `doc-${at}.md`, line: 1, text }));

describe('passages', () => {
  test('are cut at blank lines, with headings beside what they head, and say where they begin', () => {
    const paragraph = 'word '.repeat(60).trim();
    const text = `# Title\n\n${paragraph}\n\n## Next\n\n${paragraph}\n`;
    expect([...toPassages('a.md', text)]).toEqual([
      { path: 'a.md', line: 1, text: `# Title\n${paragraph}` },
      { path: 'a.md', line: 5, text: `## Next\n${paragraph}` },
    ]);
  });

  test('hold every line that is not blank, in order, each within its bound', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 3_000 }), { maxLength: 20 }), (lines) => {
        const text = lines.join('\n');
        const passages = [...toPassages('a', text)];
        const kept = passages.map((passage) => passage.text).join('\n');
        expect(kept.replaceAll(/\s/gu, '')).toBe(text.replaceAll(/\s/gu, ''));
        expect(Math.max(0, ...passages.map((passage) => passage.text.length))).toBeLessThanOrEqual(2_400);
      }),
    );
  });
});

describe('a search', () => {
  test('answers first the passage whose words the question shares, the rarer the better, whatever their case and number', () => {
    const { shared } = createKnowledgeMemory(
      passagesOf([
        'The gate admits work. The gate has lanes.',
        'Leases have fencing numbers, renewed at a third of their life.',
        'The gate keeps queues of work: the work waits in lanes.',
        'Größe und Fensterläden',
      ]),
    );
    const first = (question: string) => searchKnowledge(shared, question, 2)[0]?.path;
    expect(first('FENCING of leases')).toBe('doc-1.md');
    expect(first('which lanes have queues')).toBe('doc-2.md');
    expect(first('fensterläden')).toBe('doc-3.md');
    expect(searchKnowledge(shared, 'zebra', 5)).toEqual([]);
    expect(searchKnowledge(shared, '!?', 5)).toEqual([]);
  });

  test('finds parts of names as programmers write them', () => {
    const { shared } = createKnowledgeMemory(passagesOf(['call readFile here', 'call writeThing here', 'call it']));
    expect(searchKnowledge(shared, 'how to read a file', 1)[0]?.text).toBe('call readFile here');
  });

  test('answers the best first, no more than asked for, and each as it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 30 }),
        fc.nat(10),
        (texts, limit) => {
          const passages = passagesOf(texts);
          const { shared } = createKnowledgeMemory(passages);
          const found = searchKnowledge(shared, texts[0]!, limit + 1);
          expect(found.length).toBeLessThanOrEqual(limit + 1);
          for (const [at, { score, ...passage }] of found.entries()) {
            expect(passages).toContainEqual(passage);
            expect(score).toBeLessThanOrEqual(found[at - 1]?.score ?? 1.01);
          }
        },
      ),
    );
  });

  test('finds most paragraphs of this project’s documents by half of their words', async () => {
    const text = await readFile(join(root, 'docs', 'architecture.md'), 'utf8');
    const passages = [...toPassages('a.md', text)];
    const { shared } = createKnowledgeMemory(passages);
    const isFound = passages.map(({ text: whole, line }) => {
      const half = whole.split(/\s+/).filter((_, at) => at % 2 === 0);
      return searchKnowledge(shared, half.join(' '), 1)[0]?.line === line;
    });
    expect(isFound.filter(Boolean).length / passages.length).toBeGreaterThan(0.95);
  });
});

describe('documents of a workspace', () => {
  let folder: Awaited<ReturnType<typeof openTemporaryFolder>>;
  beforeEach(async () => void (folder = await openTemporaryFolder()));
  afterEach(() => folder[Symbol.asyncDispose]());
  async function put(path: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), content);
  }
  const build = (glob: string) => buildKnowledgeTask({ root: folder.path, glob, timeLimitMs: 60_000 });

  test('are read where they fit the glob and are text that git does not ignore', async () => {
    await put('docs/a.md', 'alpha');
    await put('docs/sub/b.md', 'beta');
    await put('docs/c.txt', 'gamma');
    await put('docs/d.md', Buffer.from([0, 1, 2]));
    await put('docs/e.md', 'ignored');
    await put('.git/HEAD', '');
    await put('.gitignore', 'docs/e.md\n');
    const { files, passages, shared, digest } = build('docs/**/*.md');
    expect([files, passages]).toEqual([2, 2]);
    expect(searchKnowledgeTask({ shared, query: 'beta', limit: 5 })).toBe(
      'passages: 1\n\ndocs/sub/b.md:1 (1.00)\nbeta\n',
    );
    expect(build('docs/**/*.md').digest).toBe(digest);
    await put('docs/a.md', 'other');
    expect(build('docs/**/*.md').digest).not.toBe(digest);
  });

  test('that are none, or that climb out of the workspace, are refused', async () => {
    await put('a.md', 'x');
    expect(() => build('*.rst')).toThrow(expect.objectContaining({ code: 'KNOWLEDGE_UNFIT' }) as Error);
    expect(() => build('../*.md')).toThrow(expect.objectContaining({ code: 'WORKSPACE_ESCAPE' }) as Error);
  });
});

test('the memory is one for all threads: none gets a copy', async () => {
  const { shared } = createKnowledgeMemory(passagesOf(['alpha', 'beta']));
  const worker = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads'); new Int32Array(workerData, 0, 1)[0] = 0; parentPort.postMessage('done');`,
    { eval: true, workerData: shared },
  );
  await new Promise((resolve) => worker.once('exit', resolve));
  // The other thread has emptied what this one reads.
  expect(searchKnowledge(shared, 'alpha', 5)).toEqual([]);
});
