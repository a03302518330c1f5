import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runNode } from './build/run-program.ts';

/** Where this checkout's packages lie, Electron's among them. */
export const MODULES = join(import.meta.dirname, '..', 'node_modules');

/** In `node_modules`, so that it goes with it: says when and why Electron could not be fetched, so that not every start tries again. */
const FAILED_FILE = '.flotilla-no-electron';

/** For so long a failed attempt is not repeated unasked. */
const REMEMBERED_MS = 7 * 24 * 60 * 60_000;

/** Electron's program, `undefined` when its package came without it (installing runs no scripts). */
export function findElectron(modules: string): string | undefined {
  const home = join(modules, 'electron');
  try {
    const name = readFileSync(join(home, 'path.txt'), 'utf8').trim();
    const program = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(home, 'dist'), name);
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** Why the last attempt failed, while that is remembered: a week, and not after a clock that was set back. */
export function findFailure(modules: string, nowMs: number): string | undefined {
  try {
    const kept = JSON.parse(readFileSync(join(modules, FAILED_FILE), 'utf8')) as { atMs?: unknown; reason?: unknown };
    const ageMs = nowMs - Number(kept.atMs);
    return ageMs >= 0 && ageMs < REMEMBERED_MS && typeof kept.reason === 'string' ? kept.reason : undefined;
  } catch {
    return undefined;
  }
}

/** Lets Electron's own installer fetch the program, for `limitMs` at most; answers why it failed, and remembers that. */
export async function fetchElectron(modules: string, limitMs: number): Promise<string | undefined> {
  const home = join(modules, 'electron');
  const { ok, said } = await runNode([join(home, 'install.js')], { cwd: modules, limitMs });
  if (ok && findElectron(modules) !== undefined) {
    forgetFailure(modules);
    return undefined;
  }
  const reason = toReason(said);
  remember(modules, reason);
  return reason;
}

function forgetFailure(modules: string): void {
  try {
    rmSync(join(modules, FAILED_FILE), { force: true });
  } catch {
    // Once the program is there, nobody asks for it.
  }
}

function remember(modules: string, reason: string): void {
  try {
    writeFileSync(join(modules, FAILED_FILE), JSON.stringify({ atMs: Date.now(), reason }));
  } catch {
    // Packages that this user may only read: the next start tries again, and serves the screens again.
  }
}

/** The first line that names a fault, without a stack. */
function toReason(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  if (lines.at(-1)?.startsWith('ended by')) return 'the download took too long';
  const line = lines.find((text) => /error|fail|cannot|refused|not found/i.test(text)) ?? lines[0];
  return (line ?? '').replace(/^\w*Error: /, '').slice(0, 200) || 'the download did not succeed';
}
