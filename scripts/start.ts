// `npm start`: the desktop window; where Electron cannot be had, the same screens in the browser.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { APP_FOLDER, buildApp } from './build/build-app.ts';
import { buildRenderer } from './build/build-renderer.ts';
import { fetchElectron, findElectron, findFailure } from './electron-binary.ts';

/** A start waits for a download only this long. */
const FETCH_LIMIT_MS = 20_000;

/** What is left to be done, and why not the desktop. */
type Way = { readonly electron: string } | { readonly reason: string };

async function chooseWay(): Promise<Way> {
  if (!hasDisplay()) return { reason: 'There is no display here, so there is no desktop window' };
  const found = findElectron();
  if (found !== undefined) return { electron: found };
  const again = '("npm run electron" tries again)';
  const remembered = findFailure();
  if (remembered !== undefined) return { reason: `Electron could not be fetched: ${remembered} ${again}` };
  process.stderr.write(`Fetching Electron, for ${FETCH_LIMIT_MS / 1_000} s at most …\n`);
  const failed = await fetchElectron(FETCH_LIMIT_MS);
  const electron = findElectron();
  if (electron !== undefined) return { electron };
  return { reason: `Electron could not be fetched: ${failed ?? 'its program is missing'} ${again}` };
}

function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY']) || Boolean(process.env['WAYLAND_DISPLAY']);
}

async function startDesktop(electron: string, args: readonly string[]): Promise<void> {
  await buildApp();
  const child = spawn(electron, [APP_FOLDER, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once('error', (error) => {
    process.stderr.write(`Electron could not be started (${error.message}).\n`);
    resolve(4);
  });
  child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  process.exitCode = await promise;
}

async function serveInstead(reason: string, args: readonly string[]): Promise<void> {
  process.stderr.write(`${reason}; the same screens are served for the browser.\n`);
  await buildRenderer();
  const cli = join(import.meta.dirname, '..', 'main', 'cli.ts');
  process.argv = [process.argv[0] ?? '', cli, 'serve', ...(hasDisplay() ? ['--open'] : []), ...args];
  await import('../main/cli.ts');
}

const args = process.argv.slice(2);
try {
  const way = await chooseWay();
  if ('electron' in way) await startDesktop(way.electron, args);
  else await serveInstead(way.reason, args);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 4;
}
