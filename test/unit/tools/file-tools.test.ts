import { execFileSync } from 'node:child_process';
import { link, mkdir, open, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFileTool } from '../../../runtime/tools/built-in/read-file.ts';
import { writeFileTool } from '../../../runtime/tools/built-in/write-file.ts';
import type { Tool, ToolCallResult } from '../../../runtime/tools/tool.ts';
import { openTemporaryFolder, openToolBench, type ToolBench } from '../../support/tool-bench.ts';

const tools = [readFileTool, writeFileTool] as Tool[];
const isRoot = process.getuid?.() === 0;

let folder: Awaited<ReturnType<typeof openTemporaryFolder>>;
let root: string;
let bench: ToolBench;

beforeEach(async () => {
  folder = await openTemporaryFolder();
  root = join(folder.path, 'workspace');
  await mkdir(root);
  await writeFile(join(folder.path, 'secret.txt'), 'secret\n');
  bench = openToolBench({ tools, workspace: root, allow: ['write_file'] });
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const read = (path: string, more: object = {}): Promise<ToolCallResult> => bench.call('read_file', { path, ...more });
const write = (path: string, content = 'new'): Promise<ToolCallResult> => bench.call('write_file', { path, content });

describe('read_file', () => {
  const contents: readonly [string, string, string][] = [
    ['nothing', '', 'lines 0-0 of 0'],
    ['one line', 'a\n', 'lines 1-1 of 1'],
    ['a last line without its newline', 'a\nb', 'lines 1-2 of 2'],
    ['empty lines', '\n\n\n', 'lines 1-3 of 3'],
    ['CRLF', 'a\r\nb\r\n', 'lines 1-2 of 2'],
    ['a byte order mark', '\uFEFFa\n', 'lines 1-1 of 1'],
    ['characters of all lengths', 'aä€🚀\n漢字', 'lines 1-2 of 2'],
  ];
  test.each(contents)('gives %s back byte for byte', async (_, content, head) => {
    await writeFile(join(root, 'a.txt'), content);
    expect(await read('a.txt')).toMatchObject({ state: 'done', output: `${head}\n${content}` });
  });

  test('gives a range, and says when it lies past the end', async () => {
    await writeFile(join(root, 'a.txt'), 'one\ntwo\nthree\nfour');
    expect((await read('a.txt', { fromLine: 2, toLine: 3 })).output).toBe('lines 2-3 of 4\ntwo\nthree\n');
    expect((await read('a.txt', { fromLine: 4, toLine: 99 })).output).toBe('lines 4-4 of 4\nfour');
    expect((await read('a.txt', { fromLine: 5 })).output).toBe('lines 0-0 of 4\n');
    expect(await read('a.txt', { fromLine: 3, toLine: 2 })).toMatchObject({
      error: { code: 'TOOL_ARGUMENTS_INVALID' },
    });
  });

  test('gives every range of a file that is longer than what is read at once', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `${i + 1} ${'x'.repeat(i % 40)}\n`);
    await writeFile(join(root, 'long.txt'), lines.join(''));
    for (const [from, to] of [
      [1, 10],
      [11_111, 11_999],
      [59_990, 60_000],
      [30_000, 30_000],
    ] as const) {
      const { output } = await read('long.txt', { fromLine: from, toLine: to });
      expect(output).toBe(`lines ${from}-${to} of 60000\n${lines.slice(from - 1, to).join('')}`);
    }
  });

  test('gives whole lines when not all fit, and says which', async () => {
    await using small = openToolBench({ tools, workspace: root, maxOutputBytes: 200 });
    await writeFile(join(root, 'a.txt'), `${'x'.repeat(49)}\n`.repeat(10));
    const result = await small.call('read_file', { path: 'a.txt' });
    expect(result.output).toMatch(/^lines 1-2 of 10\n(x{49}\n){2}\[400 bytes cut; the limit is 200 bytes\]$/);
    expect(result.outputBytes).toBe(516);
    await writeFile(join(root, 'b.txt'), 'ä'.repeat(1_000));
    const long = await small.call('read_file', { path: 'b.txt' });
    expect(long.output).toMatch(/^lines 1-1 of 1\nä+\n\[18\d\d bytes cut/);
    expect(long.output).not.toContain('\uFFFD');
  });

  test('reads the beginning of a file of many gigabytes without holding it', async () => {
    const file = await open(join(root, 'huge.txt'), 'w');
    await file.writeFile('one\ntwo\n' + 'x'.repeat(10_000));
    await file.truncate(5 * 1_024 ** 3);
    await file.close();
    const before = process.memoryUsage().rss;
    expect((await read('huge.txt', { toLine: 2 })).output).toBe('lines 1-2 of more than 2\none\ntwo\n');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1_024 ** 2);
  });

  test('refuses what is not UTF-8 text', async () => {
    await writeFile(join(root, 'a.bin'), Buffer.from([0x61, 0, 0x62]));
    await writeFile(join(root, 'latin1.txt'), Buffer.from([0x61, 0xe4, 0x0a]));
    await writeFile(join(root, 'utf16.txt'), Buffer.from('\uFEFFa', 'utf16le'));
    for (const path of ['a.bin', 'latin1.txt', 'utf16.txt'])
      expect(await read(path)).toMatchObject({ error: { code: 'FILE_NOT_TEXT' } });
  });

  test('says what is missing, a folder, or not readable', async () => {
    await mkdir(join(root, 'src'));
    await writeFile(join(root, 'locked'), 'x');
    expect((await read('nope.txt')).output).toBe(
      'FILE_NOT_FOUND: There is no "nope.txt"; list_files shows what there is.',
    );
    expect(await read('locked/below')).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } });
    expect((await read('src')).output).toBe('TOOL_FAILED: "src" is a folder; name a file.');
    expect((await read('x'.repeat(5_000))).output).toContain('too long');
  });

  test.skipIf(isRoot || process.platform === 'win32')('says that a file may not be read', async () => {
    await writeFile(join(root, 'locked'), 'x', { mode: 0 });
    expect((await read('locked')).output).toContain('permission denied');
  });

  test.skipIf(process.platform === 'win32')('refuses pipes, sockets and devices without waiting for them', async () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'pipe')]);
    expect((await read('pipe')).output).toBe('TOOL_FAILED: "pipe" is no regular file.');
    await symlink('/dev/zero', join(root, 'zero'));
    expect(await read('zero')).toMatchObject({ error: { code: 'WORKSPACE_ESCAPE' } });
  });
});

describe('write_file', () => {
  test('makes a file and the folders it needs, and replaces it as a whole', async () => {
    expect((await write('a/b/c.txt', 'ä\n')).output).toBe('wrote 3 bytes to a/b/c.txt (new)');
    expect((await write('a/b/c.txt', '')).output).toBe('wrote 0 bytes to a/b/c.txt (replaced)');
    expect(await readFile(join(root, 'a/b/c.txt'), 'utf8')).toBe('');
    expect(await readdir(join(root, 'a/b'))).toEqual(['c.txt']);
  });

  test('keeps the mode of the file it replaces, and lets other names of it keep the old content', async () => {
    await writeFile(join(root, 'run.sh'), 'old', { mode: 0o755 });
    await link(join(root, 'run.sh'), join(root, 'other'));
    await write('run.sh');
    expect((await stat(join(root, 'run.sh'))).mode & 0o777).toBe(0o755);
    expect(await readFile(join(root, 'other'), 'utf8')).toBe('old');
  });

  test('a reader never sees a part of a file, whatever is written', async () => {
    const contents = ['a', 'b'].map((letter) => letter.repeat(300_000));
    await write('shared.txt', contents[0]);
    const stop = new AbortController();
    const seen = new Set<string>();
    const reading = (async () => {
      while (!stop.signal.aborted) seen.add(await readFile(join(root, 'shared.txt'), 'utf8'));
    })();
    for (let i = 0; i < 30; i++) await write('shared.txt', contents[i % 2]);
    stop.abort();
    await reading;
    expect(contents).toEqual(expect.arrayContaining([...seen]));
  });

  test('refuses to replace a folder, a pipe, or the workspace itself', async () => {
    await mkdir(join(root, 'src'));
    expect((await write('src')).output).toContain('is a folder and is not replaced');
    expect((await write('.')).output).toContain('The workspace itself is a folder');
    await writeFile(join(root, 'file'), '');
    expect(await write('file/below.txt')).toMatchObject({ state: 'failed' });
    if (process.platform === 'win32') return;
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'pipe')]);
    expect((await write('pipe')).output).toContain('is no regular file and is not replaced');
    expect((await stat(join(root, 'pipe'))).isFIFO()).toBe(true);
  });

  test('refuses what git runs or obeys, also by another way to it', async () => {
    await mkdir(join(root, '.git/hooks'), { recursive: true });
    await symlink('.git', join(root, 'innocent'));
    for (const path of [
      '.git/hooks/pre-commit',
      'sub/../.git/config',
      '.GIT/config',
      'innocent/hooks/pre-commit',
      'sub/.git/config',
    ]) {
      expect(await write(path)).toMatchObject({ error: { code: 'WORKSPACE_ESCAPE' } });
    }
    expect(await readdir(join(root, '.git/hooks'))).toEqual([]);
    expect(await write('.gitignore')).toMatchObject({ state: 'done' });
  });

  test.skipIf(isRoot)('leaves nothing behind when the disk refuses', async () => {
    await mkdir(join(root, 'locked'), { mode: 0o500 });
    expect((await write('locked/a.txt')).output).toContain('permission denied');
    expect(await readdir(join(root, 'locked'))).toEqual([]);
  });
});

describe('the way out of the workspace is closed', () => {
  const escapes: readonly [string, () => Promise<string>][] = [
    ['by ..', async () => '../secret.txt'],
    ['by .. behind a name that does not exist', async () => 'none/../../secret.txt'],
    ['by an absolute path', async () => join(folder.path, 'secret.txt')],
    [
      'by a neighbour whose name begins like the workspace',
      async () => {
        await mkdir(join(folder.path, 'workspace-2'));
        await writeFile(join(folder.path, 'workspace-2', 'a'), 'a');
        return '../workspace-2/a';
      },
    ],
    ['by a link to a file', async () => (await symlink('../secret.txt', join(root, 'link')), 'link')],
    ['by a link to a folder', async () => (await symlink(folder.path, join(root, 'out')), 'out/secret.txt')],
    [
      'by a link to a link',
      async () => {
        await symlink('two', join(root, 'one'));
        await symlink('../secret.txt', join(root, 'two'));
        return 'one';
      },
    ],
    ['by a link that leads nowhere yet', async () => (await symlink('../not-yet.txt', join(root, 'link')), 'link')],
    ['by a link into /proc', async () => (await symlink('/proc/self/cwd', join(root, 'cwd')), 'cwd/package.json')],
    [
      'by a ring of links',
      async () => {
        await symlink('b', join(root, 'a'));
        await symlink('a', join(root, 'b'));
        return 'a';
      },
    ],
    ['by a NUL', async () => 'a\0/../../secret.txt'],
  ];
  test.each(escapes)('%s', async (_, prepare) => {
    const path = await prepare();
    const before = await readdir(folder.path);
    expect(await read(path)).toMatchObject({ state: 'failed', error: { code: 'WORKSPACE_ESCAPE' } });
    expect(await write(path)).toMatchObject({ state: 'failed', error: { code: 'WORKSPACE_ESCAPE' } });
    expect(await readdir(folder.path)).toEqual(before);
    expect(await readFile(join(folder.path, 'secret.txt'), 'utf8')).toBe('secret\n');
  });

  test('links inside the workspace are followed, and written through', async () => {
    await mkdir(join(root, 'real'));
    await symlink(join(root, 'real'), join(root, 'absolute'));
    await symlink('absolute/a.txt', join(root, 'chain'));
    expect((await write('chain')).output).toBe('wrote 3 bytes to chain (new)');
    expect(await readFile(join(root, 'real/a.txt'), 'utf8')).toBe('new');
    expect((await read('absolute/a.txt')).output).toBe('lines 1-1 of 1\nnew');
    expect((await read(join(root, 'chain'))).output).toBe('lines 1-1 of 1\nnew');
  });

  test.skipIf(process.platform !== 'linux')(
    'a folder that becomes a link between the check and the use is noticed',
    async () => {
      const outside = join(folder.path, 'outside');
      for (const place of [join(root, 'dir'), outside]) await mkdir(place);
      await writeFile(join(root, 'dir/a.txt'), 'inside\n');
      await writeFile(join(outside, 'a.txt'), 'secret\n');
      await symlink(outside, join(root, 'trap'));
      const stop = new AbortController();
      // Writing makes a folder that is missing, so the place may be taken.
      const put = async (name: string): Promise<void> => {
        while (
          await rename(join(root, name), join(root, 'dir')).then(
            () => false,
            () => true,
          )
        ) {
          await rm(join(root, 'dir'), { recursive: true, force: true });
        }
      };
      const swapping = (async () => {
        while (!stop.signal.aborted) {
          await rename(join(root, 'dir'), join(root, 'kept'));
          await put('trap');
          await rename(join(root, 'dir'), join(root, 'trap'));
          await put('kept');
        }
      })();
      const codes = new Set<string | undefined>();
      const outputs = new Set<string>();
      for (let i = 0; i < 1_500; i++) {
        const [got, written] = await Promise.all([read('dir/a.txt'), write(`dir/new-${i}.txt`)]);
        outputs.add(got.output);
        codes.add(got.error?.code).add(written.error?.code);
      }
      stop.abort();
      await swapping;
      expect(await readdir(outside)).toEqual(['a.txt']);
      expect(codes).toContain('WORKSPACE_ESCAPE');
      expect(outputs).toContain('lines 1-1 of 1\ninside\n');
      expect([...outputs].join('')).not.toContain('secret');
      await rm(join(root, 'trap'));
    },
  );
});
