import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { threadBuffers } from '../../../runtime/memory/pools/thread-buffers.ts';
import { readFileTool } from '../../../runtime/tools/built-in/read-file.ts';
import { capOutput } from '../../../runtime/tools/output-cap.ts';
import { temporaryDirectory } from '../../support/history-events.ts';
import { openToolBench } from '../../support/tool-bench.ts';

const created = (): number => threadBuffers.stats().classes.reduce((sum, one) => sum + one.createdCount, 0);

test('files that are read at once and one after the other share a few buffers and get their own bytes', async () => {
  using directory = temporaryDirectory();
  const texts = ['a', 'b', 'c', 'd'].map((letter) => `${letter.repeat(99)}\n`.repeat(1_000));
  for (const [index, text] of texts.entries()) await writeFile(join(directory.path, `${index}.txt`), text);
  await using bench = openToolBench({ tools: [readFileTool], workspace: directory.path, maxOutputBytes: 1 << 20 });
  const before = created();
  for (let round = 0; round < 10; round++) {
    const outputs = await Promise.all(texts.map((_, index) => bench.call('read_file', { path: `${index}.txt` })));
    for (const [index, { output }] of outputs.entries()) {
      expect(output.slice(output.indexOf('\n') + 1)).toBe(texts[index]);
    }
  }
  expect(created() - before).toBeLessThanOrEqual(texts.length);
  expect(threadBuffers.stats().heldBytes).toBe(0);
});

test('a read that fails gives its buffer back too', async () => {
  using directory = temporaryDirectory();
  await writeFile(join(directory.path, 'binary'), Buffer.alloc(100_000));
  await using bench = openToolBench({ tools: [readFileTool], workspace: directory.path });
  expect(await bench.call('read_file', { path: 'binary' })).toMatchObject({ error: { code: 'FILE_NOT_TEXT' } });
  expect(threadBuffers.stats().heldBytes).toBe(0);
});

test('cutting outputs needs one buffer, however many are cut', () => {
  const before = created();
  for (let i = 0; i < 100; i++)
    expect(capOutput('ä'.repeat(60_000), 50_001).text.startsWith('ä'.repeat(25_000))).toBe(true);
  expect(created() - before).toBeLessThanOrEqual(1);
  expect(threadBuffers.stats().heldBytes).toBe(0);
});
