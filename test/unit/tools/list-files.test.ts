import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseGlob } from '../../../runtime/tools/cpu/glob-pattern.ts';
import { listFilesTask, type ListFilesOrder } from '../../../runtime/tools/cpu/list-files-task.ts';
import { openTemporaryFolder } from '../../support/tool-bench.ts';

let folder: Awaited<ReturnType<typeof openTemporaryFolder>>;
let root: string;

beforeEach(async () => {
  folder = await openTemporaryFolder();
  root = folder.path;
});
afterEach(() => folder[Symbol.asyncDispose]());

async function put(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), '');
  }
}

function list(more: Partial<ListFilesOrder> = {}): string[] {
  const order: ListFilesOrder = {
    root,
    start: root,
    glob: '**/*',
    limit: 1_000,
    maxBytes: 1_000_000,
    timeLimitMs: 60_000,
    ...more,
  };
  return listFilesTask(order).text.trimEnd().split('\n');
}

function git(...args: string[]): string {
  return execFileSync('git', ['-c', 'core.excludesFile=/dev/null', ...args], { cwd: root }).toString();
}

/** The code of what `run` throws; `undefined` when it does not. */
function codeOf(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}

describe('a list of files', () => {
  test('is sorted by path and says how many there are', async () => {
    await put('b.ts', 'a/b.ts', 'a.ts', 'a/a/z.ts', 'A.ts', 'ä.ts', '.hidden');
    expect(list()).toEqual(['files: 7', '.hidden', 'A.ts', 'a.ts', 'a/a/z.ts', 'a/b.ts', 'b.ts', 'ä.ts']);
    expect(list({ limit: 2 })).toEqual(['files: 7, first 2 shown', '.hidden', 'A.ts']);
    expect(list({ start: join(root, 'a') })).toEqual(['files: 2', 'a/a/z.ts', 'a/b.ts']);
    expect(list({ start: join(root, 'a'), glob: 'a/*' })).toEqual(['files: 1', 'a/a/z.ts']);
    expect(list({ glob: '*.none' })).toEqual(['files: 0']);
  });

  test('of ten thousand files in one folder is complete and ordered', async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `file-${i}.txt`);
    for (const name of names) writeFileSync(join(root, name), '');
    expect(list({ limit: 10_000 })).toEqual(['files: 10000', ...names.toSorted()]);
  });

  test('keeps names with newlines and odd characters apart from nothing else', async () => {
    await put('with space.txt', 'quote".txt', '[set].txt', '-dash', '$(x)');
    expect(list()).toEqual(['files: 5', '$(x)', '-dash', '[set].txt', 'quote".txt', 'with space.txt']);
    expect(list({ glob: String.raw`\[set\].txt` })).toEqual(['files: 1', '[set].txt']);
  });

  test('passes over links and folders it may not read', async () => {
    await put('a/b.txt', 'locked/c.txt');
    await symlink('a', join(root, 'link'));
    await symlink('..', join(root, 'a/up'));
    await chmod(join(root, 'locked'), 0);
    const shown = list();
    await chmod(join(root, 'locked'), 0o700);
    expect(shown).toEqual(process.getuid?.() === 0 ? ['files: 2', 'a/b.txt', 'locked/c.txt'] : ['files: 1', 'a/b.txt']);
  });

  test('is what git lists, with rules in several folders, exceptions, and the exclude file', async () => {
    git('init', '-q');
    await put(
      'a.log',
      'keep.log',
      'src/a.ts',
      'src/gen/b.ts',
      'src/gen/keep.ts',
      'build/x',
      'src/build/y',
      'deep/build/z',
      'node_modules/p/i.js',
      'src/sub/note.txt',
      'src/sub/other.txt',
      'secret.key',
      'docs/a.md',
      'docs/b/c.md',
      '#hash',
      'trail ',
      'x/y/z/w.tmp',
      'x/y/z/w.txt',
    );
    await writeFile(
      join(root, '.gitignore'),
      '\uFEFF# comment\n*.log\n!keep.log\n/build\nnode_modules/\ndocs/**/c.md\n\\#hash\n**/z/*.tmp\r\n',
    );
    await writeFile(join(root, 'src/.gitignore'), 'gen/*\n!gen/keep.ts\nsub/*.txt\n!/sub/note.txt\n');
    await writeFile(join(root, 'deep/.gitignore'), '*\n!.gitignore\n');
    await writeFile(join(root, '.git/info/exclude'), '*.key\n');
    const expected = git('ls-files', '-z', '--cached', '--others', '--exclude-standard')
      .split('\0')
      .filter(Boolean)
      .toSorted();
    expect(list().slice(1)).toEqual(expected);
    expect(expected).toContain('src/gen/keep.ts');
  });

  test('of a workspace below the repository follows the rules above it', async () => {
    git('init', '-q');
    await put('app/src/a.ts', 'app/dist/b.js', 'app/c.log');
    await writeFile(join(root, '.gitignore'), '*.log\n/app/dist\n');
    expect(list({ root: join(root, 'app'), start: join(root, 'app') })).toEqual(['files: 1', 'src/a.ts']);
  });

  test('of a workspace that is ignored itself, as a build is, follows only the rules within it', async () => {
    git('init', '-q');
    await put('dist/app/src/a.ts', 'dist/app/b.log');
    await writeFile(join(root, '.gitignore'), 'dist/\n*.log\n');
    await writeFile(join(root, 'dist/app/.gitignore'), 'b.*\n');
    const app = join(root, 'dist/app');
    expect(list({ root: app, start: app })).toEqual(['files: 2', '.gitignore', 'src/a.ts']);
  });

  test('is what git lists for random rules', async () => {
    git('init', '-q');
    await put('a/b/c.ts', 'a/b/d.js', 'a/c.ts', 'b/a/c.ts', 'b/d.js', 'c.ts', 'd.js', 'a/b.d/e.ts');
    const pattern = fc.tuple(
      fc.constantFrom('', '!', '/'),
      fc.constantFrom('a', 'b', 'c.ts', '*.js', 'a/b', '**/b', 'a/**', 'b/*', '?', '[ab]', '*.d', 'a/*/c.ts'),
      fc.constantFrom('', '/'),
    );
    const rules = fc.array(
      pattern.map((parts) => parts.join('')),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(rules, rules, async (outer, inner) => {
        await writeFile(join(root, '.gitignore'), outer.join('\n'));
        await writeFile(join(root, 'a/.gitignore'), inner.join('\n'));
        const expected = git('ls-files', '-z', '--others', '--exclude-standard').split('\0').filter(Boolean).toSorted();
        expect(list().slice(1)).toEqual(expected);
      }),
      { numRuns: 40, examples: [[['a/b'], ['!**/b']]] },
    );
  });
});

describe('a glob', () => {
  const cases: readonly [string, readonly string[], readonly string[]][] = [
    ['*.ts', ['a.ts', 'x/y/a.ts'], ['a.tsx', 'ts']],
    ['**/*', ['a', 'x/y'], []],
    ['src/**/*.ts', ['src/a.ts', 'src/x/y/a.ts'], ['a.ts', 'x/src/a.ts']],
    ['src/*', ['src/a'], ['src/x/a', 'src']],
    ['./src/**', ['src/a', 'src/x/a'], ['x']],
    ['**/test/*.{ts,js}', ['test/a.ts', 'x/test/a.js'], ['test/a.css', 'test/x/a.ts']],
    ['{a,b/{c,d}}/*.md', ['a/x.md', 'b/c/x.md', 'b/d/x.md'], ['b/x.md']],
    ['[a-c]?.txt', ['ax.txt', 'cy.txt'], ['dx.txt', 'a.txt', 'a/.txt']],
    ['[!a]*', ['b', 'x/bc'], ['a', 'x/a']],
    ['file[1-3]', ['file2'], ['file4', 'file1-3']],
    ['a.b', ['a.b'], ['axb']],
    ['(x|y)+$', ['(x|y)+$'], ['x']],
    ['a**b', ['axxb'], ['a/b']],
    ['x/**/y', ['x/y', 'x/a/b/y'], ['xy', 'x/ay']],
  ];
  test.each(cases)('%s fits what it should', (glob, fits, others) => {
    const matches = parseGlob(glob);
    expect(fits.filter((path) => !matches(path))).toEqual([]);
    expect(others.filter((path) => matches(path))).toEqual([]);
  });

  test.each(['[abc', '{a,b', '['.repeat(500), '{'.repeat(50), 'x'.repeat(2_000), '[z-a]'])('%s is refused', (glob) => {
    expect(() => parseGlob(glob)).toThrow(expect.objectContaining({ code: 'PATTERN_INVALID' }));
  });

  test.each(['../*', 'a/../../*', '..'])('%s, which climbs out, is refused', (glob) => {
    expect(() => parseGlob(glob)).toThrow(expect.objectContaining({ code: 'WORKSPACE_ESCAPE' }));
  });

  test('full of stars takes no time to speak of', () => {
    const matches = parseGlob(`${'*a'.repeat(200)}b`);
    expect(matches('a'.repeat(4_000))).toBe(false);
    expect(parseGlob(`${'**/'.repeat(100)}x`)('a/'.repeat(2_000))).toBe(false);
  });

  test('never throws anything but that it cannot be read', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('*', '?', '[', ']', '{', '}', ',', '!', '^', '\\', '/', 'a', '-', '.', '(', '🚀'),
        }),
        fc.string(),
        (glob, path) => {
          expect([undefined, 'PATTERN_INVALID', 'WORKSPACE_ESCAPE']).toContain(codeOf(() => parseGlob(glob)(path)));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
