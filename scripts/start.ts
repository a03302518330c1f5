// `npm start`: the desktop window; where Electron cannot be had, the same screens in the browser.
import { join } from 'node:path';
import process from 'node:process';
import { APP_FOLDER, buildApp } from './build/build-app.ts';
import { buildRenderer } from './build/build-renderer.ts';
import { chooseWay, hasDisplay } from './choose-way.ts';
import { MODULES } from './electron-binary.ts';
import { runElectron } from './run-electron.ts';

/** A start waits for a download only this long. */
const FETCH_LIMIT_MS = 20_000;

const HERE = { platform: process.platform, environment: process.env } as const;

async function startDesktop(electron: string, args: readonly string[]): Promise<void> {
  await buildApp();
  const end = await runElectron(electron, [APP_FOLDER, ...args]);
  if ('refused' in end) await serveInstead(end.refused, args);
  else process.exitCode = end.exitCode;
}

async function serveInstead(reason: string, args: readonly string[]): Promise<void> {
  process.stderr.write(`${reason}; the same screens are served for the browser.\n`);
  await buildRenderer();
  const cli = join(import.meta.dirname, '..', 'main', 'cli.ts');
  process.argv = [process.argv[0] ?? '', cli, 'serve', ...(hasDisplay(HERE) ? ['--open'] : []), ...args];
  await import('../main/cli.ts');
}

const args = process.argv.slice(2);
try {
  const way = await chooseWay({
    ...HERE,
    modules: MODULES,
    nowMs: Date.now(),
    fetchLimitMs: FETCH_LIMIT_MS,
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  if ('electron' in way) await startDesktop(way.electron, args);
  else await serveInstead(way.reason, args);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 4;
}
