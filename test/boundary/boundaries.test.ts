import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const planted = join(import.meta.dirname, 'planted');

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

function cruise(directory: string, folders: readonly string[]): Cruise['summary'] {
  const program = join(root, 'node_modules', '.bin', 'depcruise');
  const config = join(root, '.dependency-cruiser.cjs');
  const { stdout, stderr } = spawnSync(program, ['--config', config, '--output-type', 'json', ...folders], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as Cruise).summary;
}

test('each import rule refuses the violation that is planted for it', () => {
  const { violations } = cruise(planted, ['shared', 'runtime', 'main', 'renderer']);
  const found = Object.fromEntries(violations.map(({ from, rule }) => [rule.name, from]));
  expect(found).toEqual({
    'no-cycles': expect.stringMatching(/cycle-[ab]\.ts/) as string,
    'no-unresolvable': expect.stringMatching(/unresolvable\.ts|knows-electron\.ts/) as string,
    'shared-imports-only-zod': 'shared/imports-node.ts',
    'runtime-does-not-know-main': 'runtime/knows-main.ts',
    'renderer-does-not-know-runtime-or-main': 'renderer/knows-runtime.ts',
    'renderer-runs-in-a-page': 'renderer/imports-node.ts',
    'only-the-hook-of-a-view-talks-to-the-host': 'renderer/views/fleets/fleets-view.ts',
    'only-rpc-owns-ws': 'main/opens-sockets.ts',
    'only-desktop-knows-electron': 'main/knows-electron.ts',
    'nothing-shipped-imports-tests-or-scripts': 'runtime/imports-scripts.ts',
    'only-processes-owns-child_process': 'runtime/tools/spawns.ts',
    'only-workers-owns-worker_threads': 'runtime/tools/threads.ts',
    'only-net-owns-undici': 'runtime/tools/connects.ts',
    'only-time-owns-timers': 'runtime/tools/waits.ts',
    'only-history-owns-better-sqlite3': 'main/stores.ts',
  });
});

test('the cruise reads the whole program, so that "no violation" means something', () => {
  const { totalCruised, violations } = cruise(root, ['shared', 'runtime', 'main', 'renderer']);
  expect(totalCruised).toBeGreaterThan(100);
  expect(violations).toEqual([]);
});

test.each([
  ['shared', 'runtime', "import { x } from '../runtime/x.ts';\nexport const y = x;\n"],
  ['shared', 'runtime', "import type { x } from '../runtime/x.ts';\nexport type Y = typeof x;\n"],
  ['runtime', 'main', "export const y = import('../main/x.ts');\n"],
  ['renderer', 'main', "export const y = import('../main/x.ts');\n"],
  ['renderer', 'Node itself', "import { readFileSync } from 'node:fs';\nexport const y = readFileSync;\n"],
  ['shared', 'Node itself', "import { readFileSync } from 'node:fs';\nexport const y = readFileSync;\n"],
])('the compiler refuses that %s imports from %s: %s', (from, _to, source) => {
  const directory = mkdtempSync(join(tmpdir(), 'boundary-'));
  try {
    for (const folder of ['shared', 'runtime', 'main', 'renderer']) {
      mkdirSync(join(directory, folder));
      cpSync(join(root, folder, 'tsconfig.json'), join(directory, folder, 'tsconfig.json'));
      writeFileSync(join(directory, folder, 'x.ts'), 'export const x = 1;\n');
    }
    for (const file of ['tsconfig.base.json', 'package.json']) cpSync(join(root, file), join(directory, file));
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    const compile = (): number | null =>
      spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-b', from, '--force'], { cwd: directory }).status;
    expect(compile()).toBe(0);
    writeFileSync(join(directory, from, 'planted.ts'), source);
    expect(compile()).not.toBe(0);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
