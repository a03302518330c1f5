import { expect, test } from 'vitest';
import {
  joinPath,
  moveRow,
  splitPath,
  toCrumbs,
  toRows,
  toTypedPlace,
  typeAhead,
  withYamlEnding,
} from '../../../../renderer/views/fleets/chooser/file-chooser-model.ts';

test.each([
  ['/', [['/', '/']]],
  [
    '/home/me',
    [
      ['/', '/'],
      ['home', '/home'],
      ['me', '/home/me'],
    ],
  ],
  [
    String.raw`C:\Users\me`,
    [
      ['C:', 'C:\\'],
      ['Users', String.raw`C:\Users`],
      ['me', String.raw`C:\Users\me`],
    ],
  ],
  [
    String.raw`\\host\share\a`,
    [
      ['host', String.raw`\\host`],
      ['share', String.raw`\\host\share`],
      ['a', String.raw`\\host\share\a`],
    ],
  ],
])('the way to %s', (folder, expected) => {
  expect(toCrumbs(folder).map(({ label, path }) => [label, path])).toEqual(expected);
});

test('paths are put together and taken apart with the separator of the machine', () => {
  expect(joinPath('/', 'a')).toBe('/a');
  expect(joinPath('C:\\', 'a')).toBe('C:\\a');
  expect(joinPath(String.raw`C:\x`, 'a')).toBe(String.raw`C:\x\a`);
  expect(splitPath('/a/b.yaml')).toEqual({ folder: '/a', name: 'b.yaml' });
  expect(splitPath('/b.yaml')).toEqual({ folder: '/', name: 'b.yaml' });
  expect(splitPath(String.raw`C:\b.yaml`)).toEqual({ folder: 'C:\\', name: 'b.yaml' });
});

const rows = toRows({ folder: '/w', folders: ['beta', 'Alpha'], files: ['fleet-10.yaml', 'fleet-2.yaml', 'z.yml'] });

test('folders come first, numbers in names count as numbers', () => {
  expect(rows.map(({ name }) => name)).toEqual(['Alpha', 'beta', 'fleet-2.yaml', 'fleet-10.yaml', 'z.yml']);
  expect(rows[3]).toEqual({ kind: 'file', name: 'fleet-10.yaml', path: '/w/fleet-10.yaml' });
});

test('a folder that is not the root begins with the way up', () => {
  expect(toRows({ folder: '/w', parent: '/', folders: [], files: [] })).toEqual([
    { kind: 'folder', name: '..', path: '/' },
  ]);
});

test('letters typed quickly are one word; the same letter again is the next row; after a pause it begins anew', () => {
  const start = { typed: '', atMs: -10_000 };
  const first = typeAhead(rows, 0, start, { letter: 'f', atMs: 0 });
  expect(first.index).toBe(2);
  const again = typeAhead(rows, first.index, first.state, { letter: 'f', atMs: 100 });
  expect(again.index).toBe(3);
  const word = typeAhead(rows, first.index, first.state, { letter: 'l', atMs: 100 });
  expect(word.index).toBe(2);
  expect(typeAhead(rows, word.index, word.state, { letter: 'b', atMs: 2_000 }).index).toBe(1);
  expect(typeAhead(rows, 2, start, { letter: 'q', atMs: 0 }).index).toBe(2);
  expect(typeAhead([], 0, start, { letter: 'q', atMs: 0 }).index).toBe(0);
});

test('arrows stay in the list', () => {
  expect(moveRow('ArrowUp', 0, 5)).toBe(0);
  expect(moveRow('ArrowDown', 4, 5)).toBe(4);
  expect(moveRow('End', 0, 5)).toBe(4);
  expect(moveRow('PageDown', 1, 5)).toBe(4);
  expect(moveRow('x', 1, 5)).toBeUndefined();
  expect(moveRow('End', 0, 0)).toBe(0);
});

test('a new file has the ending of its kind', () => {
  expect(withYamlEnding('a')).toBe('a.yaml');
  expect(withYamlEnding('a.YML')).toBe('a.YML');
});

test.each([
  ['/home/me', 'a.yaml', { path: '/home/me/a.yaml', mayBeFolder: false }],
  ['/home/me', ' a.yml ', { path: '/home/me/a.yml', mayBeFolder: false }],
  ['/home/me', '/tmp/fleets', { path: '/tmp/fleets', mayBeFolder: true }],
  ['/home/me', 'fleets/', { path: '/home/me/fleets/', mayBeFolder: true }],
  ['/home/me', '..', { path: '/home/me/..', mayBeFolder: true }],
  ['C:\\work', 'D:\\fleets', { path: 'D:\\fleets', mayBeFolder: true }],
])('in %s, %j names a place, and a folder unless it ends as a fleet file does', (folder, typed, expected) => {
  expect(toTypedPlace(folder, typed)).toEqual(expected);
});
