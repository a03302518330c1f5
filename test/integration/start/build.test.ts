import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow } from '../../../scripts/build/source-stamp.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** What a build reads, beside the packages. */
const SOURCES = [
  'renderer',
  'shared',
  'runtime',
  'main',
  'scripts/build',
  'examples',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'LICENSE',
];

/** A checkout whose sources may be broken, with the packages of this one. */
function createCheckout(folder: string): void {
  for (const name of SOURCES) {
    const filter = (path: string): boolean => !path.endsWith('node_modules');
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
}

function run(script: string, args: readonly string[] = []) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('a checkout is built once, into a program that starts; a mistake in it leaves the former screens in place', () => {
  using root = temporaryDirectory();
  createCheckout(root.path);
  const screens = join(root.path, '.build', 'renderer');
  const build = (): ReturnType<typeof run> => run(join(root.path, 'scripts', 'build', 'build.ts'));
  expect(build()).toMatchObject({ status: 0, stderr: expect.stringContaining('Screens built in') as string });
  const page = readFileSync(join(screens, 'index.html'), 'utf8');

  const app = join(root.path, '.build', 'app');
  const shipped = ['main', 'runtime', 'shared'].flatMap((name) => filesBelow(join(app, name)));
  expect(shipped.filter((path) => path.endsWith('.ts'))).toEqual([]);
  const wanted = ['main', 'runtime', 'shared']
    .flatMap((name) => filesBelow(join(root.path, name)))
    .filter((path) => path.endsWith('.ts'))
    .map((path) =>
      join(
        app,
        relative(root.path, path)
          .replace(/preload\.ts$/, 'preload.cjs')
          .replace(/\.ts$/, '.js'),
      ),
    );
  expect(wanted.filter((path) => !existsSync(path))).toEqual([]);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(run(join(app, 'main', 'cli.js'), ['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });

  expect(build()).toEqual({ status: 0, stdout: '', stderr: '' });

  writeFileSync(join(root.path, 'renderer', 'app', 'main.tsx'), 'this is not TypeScript');
  expect(build()).toMatchObject({ status: 4, stderr: expect.stringContaining('could not be built') as string });
  expect(readFileSync(join(screens, 'index.html'), 'utf8')).toBe(page);
  expect(run(join(app, 'main', 'cli.js'), ['--version']).status).toBe(0);
});
