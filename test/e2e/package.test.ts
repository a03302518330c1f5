import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDesktopFixture } from '../support/electron/desktop-fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const UNPACKED = join(ROOT, 'dist', 'linux-unpacked');
const ASAR = join(UNPACKED, 'resources', 'app.asar');

/** What is used here of the packages that pack; they belong to `scripts/package`. */
interface Asar {
  listPackage(path: string): string[];
  extractAll(path: string, folder: string): void;
}
interface Fuses {
  getCurrentFuseWire(path: string): Promise<Readonly<Record<string, number | string>>>;
}

async function ownModule<Module>(name: string, file: string): Promise<Module> {
  const path = join(ROOT, 'scripts', 'package', 'node_modules', name, file);
  return (await import(pathToFileURL(path).href)) as Module;
}

/** Elsewhere the real Electron is packed, which the hosted workflow does. */
const onLinux = test.runIf(process.platform === 'linux');

let folder: string;
let files: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'packaged-'));
  if (process.platform !== 'linux') return;
  const packing = spawnSync(process.execPath, [join(ROOT, 'scripts', 'package', 'package-app.ts')], {
    encoding: 'utf8',
  });
  expect(packing.status, packing.stderr).toBe(0);
  const asar = await ownModule<Asar>('@electron/asar', 'lib/asar.js');
  files = asar.listPackage(ASAR).map((path) => path.split(sep).join('/'));
  asar.extractAll(ASAR, folder);
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

onLinux('the archive holds the built program and its packages, and nothing of how it is made', () => {
  const tops = [...new Set(files.map((path) => path.split('/')[1]))].toSorted();
  expect(tops).toEqual(
    ['LICENSE', 'examples', 'main', 'node_modules', 'package.json', 'renderer', 'runtime', 'shared'].toSorted(),
  );
  const own = files.filter((path) => !path.startsWith('/node_modules/') && !path.startsWith('/examples/'));
  expect(own.filter((path) => /\.tsx?$|\.map$|\.test\./.test(path))).toEqual([]);
  const theirs = files.filter((path) => path.startsWith('/node_modules/'));
  expect(theirs.filter((path) => /\.ts$|\.map$|\/(test|tests|__tests__)(\/|\.js$)/.test(path))).toEqual([]);
});

onLinux('of the packages, exactly those that ship are there', () => {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  const shipped = Object.entries(lock.packages)
    .filter(([name, entry]) => name !== '' && !entry.dev && !entry.devOptional && existsSync(join(ROOT, name)))
    .map(([name]) => toName(name));
  const packed = files
    .filter((path) => path.endsWith('/package.json'))
    .map((path) => path.slice(0, -'/package.json'.length));
  // Packing lays them out anew: which they are counts, not where.
  const roots = packed.filter((path) => /\/node_modules\/(@[^/]+\/)?[^/]+$/.test(path)).map(toName);
  expect(roots.filter((path) => !shipped.includes(path))).toEqual([]);
  expect(roots).toContain('better-sqlite3');
});

onLinux('what the system loads lies beside the archive', () => {
  const unpacked = readdirSync(`${ASAR}.unpacked`, { recursive: true, encoding: 'utf8' });
  const packed = files.filter((path) => path.endsWith('.node'));
  expect(packed.length).toBeGreaterThan(0);
  expect(packed.filter((path) => !unpacked.includes(path.slice(1)))).toEqual([]);
});

onLinux('the fuses are set: no Node, no inspector, only this archive', async () => {
  const { getCurrentFuseWire } = await ownModule<Fuses>('@electron/fuses', 'dist/index.js');
  const wire = await getCurrentFuseWire(join(UNPACKED, 'flotilla'));
  // Their numbers are Electron's FuseV1Options; a fuse is the character it is written as.
  const names = ['runAsNode', 'cookieEncryption', 'nodeOptions', 'inspect', 'asarIntegrity', 'onlyAsar'];
  const states = names.map((name, at) => [name, String.fromCharCode(Number(wire[at]))]);
  expect(Object.fromEntries(states)).toEqual({
    runAsNode: '0',
    cookieEncryption: '1',
    nodeOptions: '0',
    inspect: '0',
    asarIntegrity: '1',
    onlyAsar: '1',
  });
});

onLinux('the program starts from the archive and shows its screens', async () => {
  await using fixture = await createDesktopFixture(folder);
  const desktop = await fixture.open();
  const page = await desktop.page();
  await page.getByText('Connected').waitFor({ state: 'attached' });
  await page.getByText('Run the example').waitFor();
});

function toName(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
