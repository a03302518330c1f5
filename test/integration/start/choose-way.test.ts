import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { getuid } from 'node:process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseWay, type Surroundings } from '../../../scripts/choose-way.ts';
import { fetchElectron, findFailure } from '../../../scripts/electron-binary.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Says that it ran, then does as it was written. */
const COUNTED = `require('node:fs').appendFileSync('../tries', 'x');\n`;

/** What Electron's own installer leaves when it succeeds. */
const SUCCEEDS = `const fs = require('node:fs');
fs.mkdirSync(__dirname + '/dist');
fs.writeFileSync(__dirname + '/dist/electron', '');
fs.writeFileSync(__dirname + '/path.txt', 'electron');
`;

const FAILS = `throw new Error('connect ECONNREFUSED 127.0.0.1:9');`;
const HANGS = `setInterval(() => undefined, 1_000);`;

/** A `node_modules` whose Electron has an installer of this code. */
async function createModules(folder: string, installer: string): Promise<string> {
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, 'electron'), { recursive: true });
  await writeFile(join(modules, 'electron', 'install.js'), `${COUNTED}${installer}`);
  return modules;
}

function around(modules: string, more: Partial<Surroundings> = {}): Surroundings & { readonly said: string[] } {
  const said: string[] = [];
  const base = { platform: 'linux', environment: { DISPLAY: ':0' }, modules, nowMs: Date.now(), fetchLimitMs: 20_000 };
  return { ...base, platform: 'linux', say: (line) => void said.push(line), said, ...more };
}

async function tries(folder: string): Promise<number> {
  return (await readFile(join(folder, 'tries'), 'utf8').catch(() => '')).length;
}

test('without a display nothing is fetched, and the screens are served', async () => {
  using root = temporaryDirectory();
  const modules = await createModules(root.path, SUCCEEDS);
  const way = await chooseWay(around(modules, { environment: { DISPLAY: '' } }));
  expect(way).toEqual({ reason: expect.stringContaining('no display') as string });
  expect(await tries(root.path)).toBe(0);
  for (const more of [{ environment: { WAYLAND_DISPLAY: 'w' } }, { environment: {}, platform: 'darwin' as const }]) {
    expect(await chooseWay(around(modules, more))).toHaveProperty('electron');
  }
});

test('Electron is fetched at the first start, which says so, and found at the next', async () => {
  using root = temporaryDirectory();
  const modules = await createModules(root.path, SUCCEEDS);
  const first = around(modules);
  const electron = join(modules, 'electron', 'dist', 'electron');
  expect([await chooseWay(first), first.said]).toEqual([{ electron }, ['Fetching Electron, for 20 s at most …']]);
  const second = around(modules);
  expect([await chooseWay(second), second.said, await tries(root.path)]).toEqual([{ electron }, [], 1]);
});

test('a failed attempt is told in one line with the way to repeat it, and remembered for a week', async () => {
  using root = temporaryDirectory();
  const modules = await createModules(root.path, FAILS);
  const reason = expect.stringMatching(
    /^Electron could not be fetched: .*ECONNREFUSED.*"npm run electron"[^\n]*$/,
  ) as string;
  expect(await chooseWay(around(modules))).toEqual({ reason });
  const again = around(modules, { nowMs: Date.now() + 6 * DAY_MS });
  expect([await chooseWay(again), again.said, await tries(root.path)]).toEqual([{ reason }, [], 1]);
  await chooseWay(around(modules, { nowMs: Date.now() + 8 * DAY_MS }));
  expect(await tries(root.path)).toBe(2);
});

test('a clock that was set back, or a note that nobody understands, keeps no start from trying', async () => {
  using root = temporaryDirectory();
  const modules = await createModules(root.path, FAILS);
  await chooseWay(around(modules));
  expect(findFailure(modules, Date.now() - DAY_MS)).toBeUndefined();
  for (const note of ['{', '{}', '{"atMs":1e99,"reason":"x"}', 'null', '[]']) {
    await writeFile(join(modules, '.flotilla-no-electron'), note);
    expect(findFailure(modules, Date.now())).toBeUndefined();
  }
});

test('asked for outright it is tried again, and a success forgets the failure', async () => {
  using root = temporaryDirectory();
  const modules = await createModules(root.path, FAILS);
  await chooseWay(around(modules));
  await writeFile(join(modules, 'electron', 'install.js'), `${COUNTED}${SUCCEEDS}`);
  expect(await chooseWay(around(modules))).toHaveProperty('reason');
  expect(await fetchElectron(modules, 20_000)).toBeUndefined();
  expect(await readdir(modules)).toEqual(['electron']);
  expect(await chooseWay(around(modules))).toHaveProperty('electron');
});

test('a download that hangs is cut after its bound, and that is remembered', async () => {
  using root = temporaryDirectory();
  const modules = await createModules(root.path, HANGS);
  const reason = expect.stringContaining('took too long') as string;
  expect(await chooseWay(around(modules, { fetchLimitMs: 500 }))).toEqual({ reason });
  expect(findFailure(modules, Date.now())).toBe('the download took too long');
});

test.skipIf(getuid?.() === 0)(
  'packages that this user may only read do not keep the screens from being served',
  async () => {
    using root = temporaryDirectory();
    const modules = await createModules(root.path, FAILS);
    await chmod(modules, 0o555);
    const way = await chooseWay(around(modules));
    await chmod(modules, 0o755);
    expect(way).toHaveProperty('reason');
  },
);
