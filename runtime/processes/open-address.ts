import { spawn } from 'node:child_process';
import process from 'node:process';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Clock } from '../time/clock.ts';

/** An opener that still runs after this long has become the browser, which is as good as an answer. */
const ANSWER_MS = 3_000;

/**
 * Opens an `http` address in the person's browser. Unlike every other program, the browser is not ours: it is not ended with
 * us, and its output goes nowhere.
 *
 * @throws {AppError} PROGRAM_NOT_FOUND when the system has no way to open one, PROGRAM_FAILED
 */
export async function openAddress(address: string, clock: Clock): Promise<void> {
  const [program, ...args] = [...openerOf(process.platform), address];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(program, args, { stdio: 'ignore', detached: true, windowsHide: true });
  child.unref();
  child.once('error', (cause) => {
    const sentence = 'The browser could not be opened: this system has no program for it; open the address yourself.';
    reject(new AppError('PROGRAM_NOT_FOUND', sentence, { cause }));
  });
  child.once('exit', (code) => {
    if (code === 0) return resolve();
    reject(new AppError('PROGRAM_FAILED', 'The browser could not be opened; open the address yourself.'));
  });
  using timer = clock.after(ANSWER_MS, resolve);
  timer.keepAlive(false);
  await promise;
}

/** The system's own way to open an address, which is put last as one argument; never a shell. */
export function openerOf(platform: NodeJS.Platform): readonly string[] {
  if (platform === 'darwin') return ['open'];
  return platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open'];
}
