import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './run-program.ts';
import { stampOf } from './source-stamp.ts';
import { replaceFolder } from './swap-folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The built screens. */
export const RENDERER_FOLDER = join(ROOT, '.build', 'renderer');

/** Names, inside the built folder, what it was built from; a file that begins with a dot is never served. */
const STAMP_FILE = '.built-from';

/** What decides how the screens look and act: a change here is a build. */
const SOURCES = ['renderer', 'shared', 'package-lock.json', 'scripts/build/build-renderer.ts'];

/** A build takes seconds; on a slow machine some more. */
const LIMIT_MS = 5 * 60_000;

/**
 * Builds the screens into `.build/renderer` unless they are of these sources already; says so in one line on standard error.
 *
 * @throws {Error} with Vite's own words when the sources do not build; what was built before stays.
 */
export async function buildRenderer(): Promise<void> {
  const stamp = stampOf(ROOT, SOURCES);
  if (isBuiltFrom(stamp)) return;
  const startedMs = Date.now();
  process.stderr.write('Building the screens …\n');
  await replaceFolder(RENDERER_FOLDER, async (folder) => {
    const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
    const config = join(ROOT, 'renderer', 'vite.config.ts');
    const args = [vite, 'build', '--config', config, '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'];
    // Said outright: a test runner's own `NODE_ENV` would make a build for developers.
    const environment = { NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: '0' };
    const { ok, said } = await runNode(args, { cwd: ROOT, limitMs: LIMIT_MS, environment });
    if (!ok) throw new Error(`The screens could not be built:\n${said}`);
    writeFileSync(join(folder, STAMP_FILE), stamp);
  });
  process.stderr.write(`Screens built in ${((Date.now() - startedMs) / 1_000).toFixed(1)} s.\n`);
}

function isBuiltFrom(stamp: string): boolean {
  try {
    return readFileSync(join(RENDERER_FOLDER, STAMP_FILE), 'utf8') === stamp;
  } catch {
    return false;
  }
}
