import { basename, dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../shared/errors/error-codes.ts';
import { findExports } from './documented-exports.ts';
import { findMentioned, findRaisable } from './raised-codes.ts';
import { listFiles, listSources, readSource } from './source-tree.ts';

const MAX_LINES = 450;
const MAX_FILES_IN_FOLDER = 20;
/** All of Electron: what needs none belongs elsewhere. */
const MAX_DESKTOP_LINES = 600;
const NO_NAMES = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'lib', 'manager', 'service']);

describe('doc comments', () => {
  test('stand above every export of runtime and shared', () => {
    const exports = listSources('runtime', 'shared').flatMap((file) =>
      findExports(file, readSource(file)).map((found) => ({ ...found, file })),
    );
    expect(exports.length).toBeGreaterThan(300);
    const undocumented = exports.filter(({ isDocumented }) => !isDocumented);
    expect(undocumented.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  });

  test('are found missing where they are', () => {
    const planted = [
      'export function one() {}',
      '// no doc comment',
      'export const two = 2;',
      'export class Three {}',
      'export interface Four {}',
      'export type Five = 5;',
      'const six = 6;',
      'export { six };',
    ].join('\n');
    const found = findExports('planted.ts', planted);
    expect(found.map(({ name }) => name)).toEqual(['one', 'two', 'Three', 'Four', 'Five', 'six']);
    expect(found.some(({ isDocumented }) => isDocumented)).toBe(false);
  });

  test('count above one of several overloads, and are not asked of what a file keeps or passes on', () => {
    const text = [
      '/** Adds. */',
      'export function add(a: string): string;',
      'export function add(a: number): number;',
      'export function add(a: unknown): unknown { return a; }',
      'const kept = 1;',
      "export { other } from './other.ts';",
    ].join('\n');
    expect(findExports('file.ts', text)).toEqual([{ name: 'add', isDocumented: true }]);
  });
});

describe('error codes', () => {
  const codes = Object.keys(ERROR_CODES);

  function without(find: typeof findRaisable, files: readonly string[]): string[] {
    const found = new Set(files.flatMap((file) => [...find(file, readSource(file))]));
    return codes.filter((code) => !found.has(code));
  }

  test('are all raised by shipped code', () => {
    const files = listSources('shared', 'runtime', 'main').filter((file) => file !== 'shared/errors/error-codes.ts');
    expect(without(findRaisable, files)).toEqual([]);
  });

  test('are all expected by some test', () => {
    const files = listSources('test/unit', 'test/integration', 'test/faults', 'test/e2e');
    expect(without(findMentioned, files)).toEqual([]);
  });

  test('that a file only compares with or declares are not taken for raised', () => {
    const text = [
      "throw new AppError('A_RAISED', 'x');",
      "const code = isBad ? 'B_CHOSEN' : undefined;",
      "if (isAppError(error, 'C_ASKED') || code === 'D_COMPARED') {}",
      "const entry = { errors: ['E_DECLARED'] };",
      "type F = 'F_TYPED';",
      "const skipped = new Set(['H_IN_A_SET']);",
      "switch (code) { case 'G_CASE': }",
    ].join('\n');
    expect([...findRaisable('file.ts', text)]).toEqual(['A_RAISED', 'B_CHOSEN']);
  });

  test('are those of docs/errors.md', () => {
    const documented = [...readSource('docs/errors.md').matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code = '']) => code);
    expect(documented.toSorted()).toEqual(codes.toSorted());
  });
});

describe('files', () => {
  const sources = listSources();

  test('are all looked at', () => {
    expect(sources.length).toBeGreaterThan(400);
    expect(sources).toContain('bootstrap.mjs');
    expect(sources).toContain('test/boundary/house-rules.test.ts');
  });

  test('and folders have a name that says what they hold', () => {
    const named = listFiles().flatMap((file) =>
      file.split('/').map((part) => ({ file, word: basename(part).split('.')[0] })),
    );
    const wrong = named.filter(({ file, word = '' }) => !/^(?:test|examples)\//.test(file) && NO_NAMES.has(word));
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  test(`have at most ${MAX_LINES} lines`, () => {
    const long = sources.filter((file) => readSource(file).split('\n').length - 1 > MAX_LINES);
    expect(long).toEqual([]);
  });

  test(`are at most ${MAX_FILES_IN_FOLDER} in a folder`, () => {
    const counts = new Map<string, number>();
    for (const file of sources) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MAX_FILES_IN_FOLDER)).toEqual([]);
  });
});

describe('Electron', () => {
  const isDesktop = (file: string): boolean => /^main\/(?:desktop\.ts$|desktop\/|preload\/)/.test(file);
  const imported = (file: string): boolean => /from 'electron'|import\('electron'\)/.test(readSource(file));
  const shipped = listSources('shared', 'runtime', 'main', 'renderer');

  test(`is in under ${MAX_DESKTOP_LINES} lines`, () => {
    const files = shipped.filter(isDesktop);
    expect(files).toContain('main/desktop.ts');
    expect(files).toContain('main/preload/preload.ts');
    const lines = files.reduce((sum, file) => sum + readSource(file).split('\n').length - 1, 0);
    expect(lines).toBeLessThan(MAX_DESKTOP_LINES);
  });

  test('is known nowhere else, and what does not know it is not there', () => {
    expect(shipped.filter((file) => imported(file) && !isDesktop(file))).toEqual([]);
    expect(shipped.filter((file) => isDesktop(file) && !imported(file))).toEqual([]);
  });
});

describe("a top-level folder's README", () => {
  const files = listFiles();

  test.each(['shared', 'runtime', 'main', 'renderer', 'scripts', 'test', 'examples'])(
    '%s names its rooms in at most 25 lines',
    (folder) => {
      const text = readSource(`${folder}/README.md`);
      expect(text.split('\n').length - 1).toBeLessThanOrEqual(25);
      const rooms = new Set(files.filter((file) => file.startsWith(`${folder}/`)).flatMap((file) => toRoom(file)));
      const named = new Set([...text.matchAll(/`([^`]+)\/`/g)].map(([, room = '']) => room));
      expect([...named].toSorted()).toEqual([...rooms].toSorted());
    },
  );

  function toRoom(file: string): string[] {
    const [, room = '', ...below] = file.split('/');
    return below.length > 0 ? [room] : [];
  }
});
