import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runNode } from './build/run-program.ts';

const MODULES = join(import.meta.dirname, '..', 'node_modules');
const ELECTRON = join(MODULES, 'electron');

/** Says when and why Electron could not be fetched, so that not every start tries again. Goes with `node_modules`. */
const FAILED_FILE = join(MODULES, '.flotilla-no-electron');

/** For so long a failed attempt is not repeated unasked. */
const REMEMBERED_MS = 7 * 24 * 60 * 60_000;

/** Electron's program, `undefined` when its package came without it (installing runs no scripts). */
export function findElectron(): string | undefined {
  try {
    const name = readFileSync(join(ELECTRON, 'path.txt'), 'utf8').trim();
    const program = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(ELECTRON, 'dist'), name);
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** Why the last attempt failed, while that is remembered. */
export function findFailure(): string | undefined {
  try {
    const { atMs, reason } = JSON.parse(readFileSync(FAILED_FILE, 'utf8')) as { atMs: number; reason: string };
    return Date.now() - atMs < REMEMBERED_MS ? reason : undefined;
  } catch {
    return undefined;
  }
}

/** Lets Electron's own installer fetch the program, for `limitMs` at most; answers why it failed, and remembers that. */
export async function fetchElectron(limitMs: number): Promise<string | undefined> {
  rmSync(FAILED_FILE, { force: true });
  const { ok, said } = await runNode([join(ELECTRON, 'install.js')], { cwd: ELECTRON, limitMs });
  if (ok && findElectron() !== undefined) return undefined;
  const reason = toReason(said);
  writeFileSync(FAILED_FILE, JSON.stringify({ atMs: Date.now(), reason }));
  return reason;
}

/** The first line that names a fault, without a stack. */
function toReason(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  if (lines.at(-1)?.startsWith('ended by')) return 'the download took too long';
  const line = lines.find((text) => /error|fail|cannot|refused|not found/i.test(text)) ?? lines[0];
  return (line ?? '').replace(/^\w*Error: /, '').slice(0, 200) || 'the download did not succeed';
}
