// `npm run package`: an unpacked desktop app in dist/, from electron-builder.yml.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { buildApp } from '../build/build-app.ts';
import { makePlaceholderElectron } from './placeholder-electron.ts';
import { stageApp } from './stage-app.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ELECTRON = join(ROOT, 'node_modules', 'electron');
const PLACEHOLDER = join(ROOT, '.build', 'placeholder-electron');

/** Installing and packing take a minute or two; a network that hangs would take for ever. */
const LIMIT_MS = 10 * 60_000;

try {
  await packageApp();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 4;
}

async function packageApp(): Promise<void> {
  if (!existsSync(join(import.meta.dirname, 'node_modules'))) installOwnPackage();
  await buildApp();
  stageApp();
  const { version } = JSON.parse(readFileSync(join(ELECTRON, 'package.json'), 'utf8')) as { version: string };
  const isReal = existsSync(join(ELECTRON, 'path.txt'));
  if (!isReal) {
    if (process.platform !== 'linux') {
      throw new Error(
        'Electron is not here; run "npm run electron" first. Only on Linux can packaging be checked without it.',
      );
    }
    process.stderr.write('Electron is not here: what is packaged now is for checks, and not for use.\n');
    makePlaceholderElectron(PLACEHOLDER, version);
  }
  const dist = isReal ? join(ELECTRON, 'dist') : PLACEHOLDER;
  const builder = join(import.meta.dirname, 'node_modules', 'electron-builder', 'cli.js');
  run(process.execPath, [
    builder,
    '--dir',
    `--config=${join(ROOT, 'electron-builder.yml')}`,
    `-c.electronDist=${dist}`,
    `-c.electronVersion=${version}`,
    `-c.npmRebuild=${isReal}`,
  ]);
}

function installOwnPackage(): void {
  process.stderr.write('Installing what packages the app …\n');
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--ignore-scripts', '--prefix', import.meta.dirname]);
}

/** @throws {Error} when the program failed or took too long; it has said why. */
function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: LIMIT_MS,
    shell: program.endsWith('.cmd'),
    // A placeholder carries no certificate to sign with, and a checkout has none either.
    env: { ...process.env, CSC_IDENTITY_AUTO_DISCOVERY: 'false' },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`Packaging failed (${status}).`);
}
