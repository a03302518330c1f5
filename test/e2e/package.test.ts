import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDesktopFixture } from '../support/electron/desktop-fixture.ts';
import { listIntendedFiles, toPlace } from '../support/electron/intended-files.ts';
import { reachState, runOnScreen } from '../support/window/run-on-screen.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const UNPACKED = join(ROOT, 'dist', 'linux-unpacked');
const ASAR = join(UNPACKED, 'resources', 'app.asar');

/** What is used here of the packages that pack; they belong to `scripts/package`. */
interface Asar {
  listPackage(path: string): string[];
  statFile(path: string, name: string): object;
  extractAll(path: string, folder: string): void;
}
interface Fuses {
  getCurrentFuseWire(this: void, path: string): Promise<Readonly<Record<string, number | string>>>;
}

async function ownModule<Module>(name: string, file: string): Promise<Module> {
  const path = join(ROOT, 'scripts', 'package', 'node_modules', name, file);
  return (await import(pathToFileURL(path).href)) as Module;
}

let folder: string;
/** The program as its archive makes it look from inside: code in `app.asar`, the rest beside it. */
let app: string;
let files: readonly string[];

// Elsewhere the real Electron is packed, which the hosted workflow does.
describe.runIf(process.platform === 'linux')('a packaged app', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'packaged-'));
    const packer = join(ROOT, 'scripts', 'package', 'package-app.ts');
    const packing = spawnSync(process.execPath, [packer], { encoding: 'utf8' });
    if (packing.status !== 0) throw new Error(packing.stderr);
    const asar = await ownModule<Asar>('@electron/asar', 'lib/asar.js');
    files = asar.listPackage(ASAR).filter((path) => !('files' in asar.statFile(ASAR, path.slice(1))));
    app = join(folder, 'resources', 'app.asar');
    asar.extractAll(ASAR, app);
    // In the archive these are only names of what lies beside it.
    rmSync(join(app, 'examples'), { recursive: true });
    cpSync(`${ASAR}.unpacked`, `${app}.unpacked`, { recursive: true });
  }, 240_000);
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  test('holds exactly the program, its screens, its examples and the packages that ship', () => {
    const intended = listIntendedFiles(ROOT);
    expect(intended.length).toBeGreaterThan(1_000);
    // Packing lays packages out anew: what is in them counts, not where they are.
    const packed = [...new Set(files.map((path) => toPlace(path.split(sep).join('/').slice(1))))];
    expect(packed.toSorted()).toEqual([...new Set(intended.map(toPlace))].toSorted());
  });

  test('has what the system loads, and its examples, beside the archive', () => {
    const beside = readdirSync(`${ASAR}.unpacked`, { recursive: true, encoding: 'utf8' });
    const wanted = files.filter((path) => path.endsWith('.node') || path.startsWith(`${sep}examples${sep}`));
    expect(wanted.some((path) => path.endsWith('.node'))).toBe(true);
    expect(wanted.filter((path) => !beside.includes(path.slice(1)))).toEqual([]);
    expect(existsSync(join(`${ASAR}.unpacked`, 'examples', 'sample-survey.yaml'))).toBe(true);
  });

  test('has its fuses set: no Node, no inspector, only this archive', async () => {
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

  test('carries the version of this repository and starts its desktop', () => {
    const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const { name, version, main } = read(join(app, 'package.json'));
    expect({ name, version, main }).toEqual({
      name: 'flotilla',
      version: read(join(ROOT, 'package.json'))['version'],
      main: 'main/desktop.js',
    });
  });

  test('starts, offers an example that came along, and runs it to its end', async () => {
    await using fixture = await createDesktopFixture(app);
    const desktop = await fixture.open();
    const page = await desktop.page();
    await page.getByText(/agents survey a small workspace/).waitFor();
    await page.getByRole('button', { name: 'Run the example' }).click();
    await reachState(page, 'done');
    await runOnScreen(page).progress.getByText('5 of 5 agents').waitFor();
    expect(await runOnScreen(page).heading.textContent()).toContain('sample-survey');
  });
});
