import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadScreens } from '../../../main/page/screens.ts';
import { stampOf } from '../../../scripts/build/source-stamp.ts';
import { stripModule } from '../../../scripts/build/strip-module.ts';
import { replaceFolder } from '../../../scripts/build/swap-folder.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

/** What a build writes: a page that names its one file. */
function fill(folder: string, name: string): void {
  writeFileSync(join(folder, 'index.html'), name);
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets', `${name}.js`), name);
}

test('a stamp tells a change of content, of a name and of a file more, and nothing else', () => {
  using root = temporaryDirectory();
  const write = (name: string, text: string): void => writeFileSync(join(root.path, name), text);
  const stamp = (): string => stampOf(root.path, ['src', 'lock.json']);
  mkdirSync(join(root.path, 'src', 'node_modules'), { recursive: true });
  write('lock.json', '{}');
  write('src/a.ts', 'a');
  const first = stamp();
  write('other.ts', 'x');
  write('src/node_modules/b.js', 'x');
  write('src/a.ts', 'a');
  expect(stamp()).toBe(first);
  write('src/a.ts', 'b');
  const changed = stamp();
  write('src/a.ts', '');
  write('src/b.ts', 'b');
  expect(new Set([first, changed, stamp()]).size).toBe(3);
});

test('a build that fails leaves the former one in place, and nothing beside it', async () => {
  using root = temporaryDirectory();
  const target = join(root.path, 'built');
  await replaceFolder(target, async (folder) => fill(folder, 'one'));
  const failing = replaceFolder(target, async (folder) => {
    fill(folder, 'two');
    throw new Error('the sources do not build');
  });
  await expect(failing).rejects.toThrow('do not build');
  expect(readFileSync(join(target, 'index.html'), 'utf8')).toBe('one');
  expect(readdirSync(root.path)).toEqual(['built']);
});

test('who reads the screens while builds replace them gets those of one build', async () => {
  using root = temporaryDirectory();
  const target = join(root.path, 'built');
  await replaceFolder(target, async (folder) => fill(folder, 'first'));
  const building = (async () => {
    for (let at = 0; at < 40; at++) {
      await replaceFolder(target, async (folder) => fill(folder, `build-${at}`));
      await new Promise(setImmediate);
    }
  })();
  const seen = await Promise.all(Array.from({ length: 20 }, () => loadScreens(target)));
  await building;
  for (const screens of seen.filter((found) => found !== undefined)) {
    expect([...screens.keys()]).toContain(`/assets/${screens.get('/')?.body.toString()}.js`);
  }
  expect((await loadScreens(target))?.get('/')?.body.toString()).toBe('build-39');
});

test('a folder of screens without its first page, or with a link out of it, shows nothing of either', async () => {
  using root = temporaryDirectory();
  mkdirSync(join(root.path, 'half'));
  writeFileSync(join(root.path, 'half', 'main.js'), 'x');
  expect(await loadScreens(join(root.path, 'half'))).toBeUndefined();
  expect(await loadScreens(join(root.path, 'none'))).toBeUndefined();
  writeFileSync(join(root.path, 'secret.html'), 'secret');
  writeFileSync(join(root.path, 'half', 'index.html'), 'x');
  symlinkSync(join(root.path, 'secret.html'), join(root.path, 'half', 'link.html'));
  const screens = await loadScreens(join(root.path, 'half'));
  expect(new Set(screens?.keys())).toEqual(new Set(['/', '/main.js']));
});

test('a module keeps its lines, loses its types, and leads to the JavaScript of its neighbours', () => {
  using root = temporaryDirectory();
  mkdirSync(join(root.path, 'deep'));
  for (const name of ['a.ts', 'deep/b.ts', 'main.ts']) writeFileSync(join(root.path, name), '');
  const path = join(root.path, 'main.ts');
  const source = [
    `import { a } from './a.ts';`,
    `const url: URL = new URL('./deep/b.ts', import.meta.url);`,
    `const joined = join(import.meta.dirname, 'deep', 'b.ts');`,
    `const gone = './gone.ts';`,
  ];
  const lines = stripModule(path, source.join('\n')).split('\n');
  expect(lines.map((line) => line.replaceAll(/\s+/g, ' '))).toEqual([
    `import { a } from './a.js';`,
    `const url = new URL('./deep/b.js', import.meta.url);`,
    `const joined = join(import.meta.dirname, 'deep', 'b.js');`,
    `const gone = './gone.ts';`,
  ]);
  expect(() => stripModule(path, `const left = 'deep/b.ts';`)).toThrow('would still lead to "deep/b.ts"');
});
