import { chmod, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesBasisTask } from '../../../runtime/tools/cpu/files-basis.ts';
import { outlineFileTask } from '../../../runtime/tools/cpu/outline-file-task.ts';
import { searchFilesTask } from '../../../runtime/tools/cpu/search-files-task.ts';
import { loadBasis } from '../../../runtime/workspace/file-basis.ts';
import { openTemporaryFolder } from '../../support/tool-bench.ts';

let folder: Awaited<ReturnType<typeof openTemporaryFolder>>;
let root: string;
beforeEach(async () => {
  folder = await openTemporaryFolder();
  root = folder.path;
  await mkdir(join(root, 'sub'));
  await put('a.ts', 'one\n');
  await put('sub/b.ts', 'two\n');
});
afterEach(() => folder[Symbol.asyncDispose]());

const put = (path: string, text: string): Promise<void> => writeFile(join(root, path), text);
const bounds = { maxBytes: 64_000, timeLimitMs: 60_000 };
const look = (glob = '**/*'): string => filesBasisTask({ root, start: root, glob, timeLimitMs: 60_000 });
const search = (glob = '**/*') =>
  searchFilesTask({
    ...bounds,
    root,
    start: root,
    glob,
    pattern: 'o',
    ignoreCase: false,
    mode: 'count',
    limit: 10,
    wantsBasis: true,
  });

test('a search says what it was made from, the same as a look at the files tells, once they are settled', async () => {
  expect(search().basis).toBeUndefined();
  await expect.poll(() => search().basis, { interval: 20 }).toBe(look());
  await chmod(join(root, 'a.ts'), 0o000);
  await expect.poll(() => search().basis, { interval: 20 }).toBe(look());
});

const CHANGES: readonly [string, () => Promise<unknown>][] = [
  ['an edit of the same length', () => put('a.ts', 'six\n')],
  [
    'an edit whose time was set back',
    async () => {
      await put('a.ts', 'six\n');
      await utimes(join(root, 'a.ts'), 1, 1);
    },
  ],
  ['a file more', () => put('sub/c.ts', '')],
  ['a file less', () => rm(join(root, 'a.ts'))],
  ['another name', () => rename(join(root, 'a.ts'), join(root, 'c.ts'))],
  ['a rule that leaves one out', () => put('.gitignore', '*.ts\n')],
];

test.each(CHANGES)('%s gives another basis', async (_, change) => {
  // Within one tick of the file system's clock a change of the same length would not show.
  await expect.poll(() => search().basis, { interval: 20 }).toBeDefined();
  const before = look();
  expect(look()).toBe(before);
  await change();
  expect(look()).not.toBe(before);
});

test('a change of what the search does not read is none', async () => {
  const before = look('a.ts');
  await put('sub/b.ts', 'changed');
  await put('a.md', 'new');
  expect(look('a.ts')).toBe(before);
});

test('an outline says what it was made from', async () => {
  const outline = () => outlineFileTask({ ...bounds, root, path: join(root, 'a.ts'), wantsBasis: true });
  expect((await outline()).basis).toBeUndefined();
  const basis = await loadBasis(root, 'a.ts');
  await expect.poll(async () => (await outline()).basis, { interval: 20 }).toBe(basis);
});

test('what is not in the workspace has no basis', async () => {
  expect(await loadBasis(root, 'none')).toBeUndefined();
  await expect(loadBasis(root, '../x')).rejects.toMatchObject({ code: 'WORKSPACE_ESCAPE' });
});
