import { execFileSync } from 'node:child_process';
import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findLiteral } from '../../../runtime/tools/cpu/line-pattern.ts';
import { searchFilesTask, type SearchFilesOrder } from '../../../runtime/tools/cpu/search-files-task.ts';
import { openTemporaryFolder } from '../../support/tool-bench.ts';

let folder: Awaited<ReturnType<typeof openTemporaryFolder>>;
let root: string;

beforeEach(async () => {
  folder = await openTemporaryFolder();
  root = folder.path;
});
afterEach(() => folder[Symbol.asyncDispose]());

async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

function search(pattern: string, more: Partial<SearchFilesOrder> = {}): string {
  const order: SearchFilesOrder = {
    root,
    start: root,
    pattern,
    ignoreCase: false,
    glob: '**/*',
    mode: 'matches',
    limit: 200,
    maxBytes: 64_000,
    timeLimitMs: 60_000,
    ...more,
  };
  return searchFilesTask(order).text;
}

const count = (pattern: string, more: Partial<SearchFilesOrder> = {}): string =>
  search(pattern, { mode: 'count', ...more });

function tryCompile(source: string): RE2JS | undefined {
  try {
    return RE2JS.compile(source);
  } catch {
    return undefined;
  }
}

describe('matches', () => {
  test('are shown with file, line and text, in the order of paths', async () => {
    await put('b.ts', 'one\ntwo\n');
    await put('a/z.ts', 'two\n');
    await put('a.ts', 'x\ny two z');
    expect(search('two')).toBe('matches: 3 in 3 files, 3 searched\na.ts:2:y two z\na/z.ts:1:two\nb.ts:2:two\n');
    expect(search('nothing like it')).toBe('matches: 0 in 0 files, 3 searched\n');
    expect(search('two', { glob: '*.ts', start: join(root, 'a') })).toBe(
      'matches: 1 in 1 files, 1 searched\na/z.ts:1:two\n',
    );
    expect(search('two', { start: join(root, 'b.ts'), glob: 'no' })).toContain('b.ts:2:two');
  });

  test('are found at the edges of lines: CRLF, no last newline, a byte order mark, empty lines', async () => {
    await put('crlf.txt', 'one;\r\ntwo\r\n');
    await put('end.txt', 'last');
    await put('bom.txt', '\uFEFFimport x\n');
    await put('empty.txt', '\n\n');
    expect(search(';$')).toContain('crlf.txt:1:one;\n');
    expect(search('^last$')).toContain('end.txt:1:last');
    expect(search('^.import x$')).toContain('bom.txt:1:\uFEFFimport x');
    expect(count('^$')).toContain('empty.txt:2\n');
  });

  test('are counted beyond those shown, and long lines are shown in part', async () => {
    await put('a.txt', 'hit\n'.repeat(500));
    await put('b.txt', `hit ${'🚀'.repeat(1_000)}\n`);
    const text = search('hit', { limit: 3 });
    expect(text).toBe('matches: 501 in 2 files, 2 searched, first 3 shown\na.txt:1:hit\na.txt:2:hit\na.txt:3:hit\n');
    const [, line = ''] = search('hit', { glob: 'b.txt' }).split('\n');
    expect(line).toBe(`b.txt:1:hit ${'🚀'.repeat(198)}…`);
    expect(count('hit', { limit: 1 })).toBe('matches: 501 in 2 files, 2 searched, first 1 shown\na.txt:500\n');
  });

  test('of unicode are whole characters, also regardless of case', async () => {
    await put('a.txt', 'Größe 漢字 🚀\n');
    expect(count('^.{5} .. .$')).toContain('a.txt:1');
    expect(count('GRÖSSE')).toContain('matches: 0');
    expect(count('GRÖßE', { ignoreCase: true })).toContain('a.txt:1');
    expect(count(String.raw`\p{Han}+`)).toContain('a.txt:1');
  });

  test('are numbered right in a file that is longer than what is read at once', async () => {
    const lines = Array.from({ length: 90_000 }, (_, i) => `line ${i + 1} ${i % 9_000 === 0 ? 'needle' : 'straw'}`);
    await put('long.txt', lines.join('\n'));
    const expected = Array.from({ length: 10 }, (_, i) => `long.txt:${i * 9_000 + 1}:line ${i * 9_000 + 1} needle`);
    for (const pattern of ['needle', 'n[e]edle', 'needle$'])
      expect(search(pattern).trim().split('\n').slice(1)).toEqual(expected);
  });
});

describe('what is searched', () => {
  test('is text that git does not ignore, without links', async () => {
    await put('.gitignore', 'out/\n*.log\n');
    await put('out/a.txt', 'hit');
    await put('a.log', 'hit');
    await put('a.bin', Buffer.from('hit\0'));
    await put('.git/config', 'hit');
    await put('kept.txt', 'hit');
    await symlink('kept.txt', join(root, 'link.txt'));
    expect(count('hit')).toBe('matches: 1 in 1 files, 2 searched, 1 skipped (not text)\nkept.txt:1\n');
  });

  test('can be a file that git ignores, when it is named', async () => {
    await put('.gitignore', 'out/\n');
    await put('out/deep/a.txt', 'hit');
    expect(count('hit', { start: join(root, 'out') })).toContain('out/deep/a.txt:1');
    expect(count('hit', { start: join(root, 'out/deep/a.txt') })).toContain('out/deep/a.txt:1');
  });

  test('does not depend on how large it is: a gigabyte is searched in a few megabytes', async () => {
    const file = await open(join(root, 'huge.txt'), 'w');
    await file.writeFile('first line\n');
    const gap = Buffer.from('straw '.repeat(20_000) + '\n');
    for (let i = 0; i < 400; i++) await file.write(gap);
    await file.writeFile('the needle');
    await file.close();
    const before = process.memoryUsage().rss;
    expect(search('needle')).toBe('matches: 1 in 1 files, 1 searched\nhuge.txt:402:the needle\n');
    expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1_024 ** 2);
  });

  test('a line without an end is given up at 16 MB, and said to be', async () => {
    await put('a.txt', Buffer.alloc(20 * 1_024 ** 2, 'x'));
    await put('b.txt', Buffer.alloc(10 * 1_024 ** 2, 'x'));
    expect(count('x$')).toBe('matches: 1 in 1 files, 1 searched, 1 skipped (not text)\nb.txt:1\n');
  });
});

describe('an expression', () => {
  test.each(['(a+)+$', '(a|a)*b', '(a*)*(b*)*c', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*)*x', '(?:a?){30}a{30}'])(
    'that hangs a backtracking engine, %s, takes its time from the length of the line only',
    async (pattern) => {
      await put('a.txt', `${'a'.repeat(50_000)}!\n`);
      expect(count(pattern, { timeLimitMs: 20_000 })).toMatch(/^matches: [01] in/);
    },
  );

  test.each([
    '(',
    'a{2,1}',
    '(?=x)',
    String.raw`(a)\1`,
    '[z-a]',
    'a{1001}',
    '((a{100}){100}){100}',
    'x'.repeat(20_000),
  ])('that cannot be read, %s, is refused with the reason', (pattern) => {
    expect(() => search(pattern)).toThrow(expect.objectContaining({ code: 'PATTERN_INVALID' }));
  });

  test('that has no time left ends by itself', async () => {
    await put('a.txt', 'x\n');
    expect(() => search('x', { timeLimitMs: 0 })).toThrow(expect.objectContaining({ code: 'TASK_TIMED_OUT' }));
  });

  test.each([
    ['^export ', 'export '],
    ['foo.*barbaz', 'barbaz'],
    [String.raw`toEscape\(`, 'toEscape('],
    ['abcd?', 'abc'],
    ['abcd*xyz', 'abc'],
    ['abc+def', 'cdef'],
    ['TODO|FIXME', undefined],
    ['(abc)?', undefined],
    ['(?i)abc', undefined],
    ['[abc]def', 'def'],
    ['[]abc]', undefined],
    [String.raw`\babc\b`, 'abc'],
    [String.raw`\x41bcd`, 'bcd'],
    [String.raw`\Qa*b\E`, undefined],
    ['ab', undefined],
    ['abc{0,2}', undefined],
    ['abcd{0,2}', 'abc'],
  ])('%s needs every line to hold %s', (pattern, literal) => {
    expect(findLiteral(pattern)).toBe(literal);
  });

  test('of any form finds with its literal what it finds without', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'abc',
        'xyz',
        'a',
        '.',
        '^',
        '$',
        '|',
        '(',
        ')',
        '[ab]',
        '[^x]',
        String.raw`\d`,
        String.raw`\.`,
        String.raw`\(`,
        '?',
        '*',
        '+',
        '{2}',
        '{0,1}',
        '+?',
        'ä🚀',
      ),
    );
    const pattern = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join(''));
    const line = fc
      .array(fc.constantFrom('abc', 'xyz', 'a', 'b', '7', '.', '(', 'ä🚀', ' '), { maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, line, (source, text) => {
        const literal = findLiteral(source);
        fc.pre(literal !== undefined);
        const expression = tryCompile(source);
        fc.pre(expression !== undefined && expression.test(text));
        expect(text).toContain(literal);
      }),
      { numRuns: 300, maxSkipsPerRun: 1_000 },
    );
  });

  test.skipIf(process.platform === 'win32')('counts the lines that grep -E counts', async () => {
    const line = fc.array(fc.constantFrom('export ', 'import ', 'a', 'bb', '  ', 'TODO', '(', '.', '漢', 'ü'), {
      maxLength: 6,
    });
    const text = fc
      .array(
        line.map((parts) => parts.join('')),
        { maxLength: 12 },
      )
      .map((lines) => lines.join('\n'));
    const patterns = ['^export ', '^import ', 'TODO', 'a+b', '^$', '(a|bb)$', '漢.', '[^a]$', '^( *)a', 'b{2}'];
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(...patterns), async (content, pattern) => {
        fc.pre(content !== '');
        await put('a.txt', content);
        let expected = '0';
        try {
          expected = execFileSync('grep', ['-c', '-E', pattern, join(root, 'a.txt')], {
            env: { ...process.env, LC_ALL: 'C.UTF-8' },
          })
            .toString()
            .trim();
        } catch {
          // grep ends with 1 when it finds nothing.
        }
        expect(count(pattern)).toMatch(new RegExp(`^matches: ${expected} in`));
      }),
      { numRuns: 30 },
    );
  });
});
