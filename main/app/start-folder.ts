import { homedir } from 'node:os';
import { dirname, parse } from 'node:path';
import process from 'node:process';

/** What a start folder is found from. */
interface StartPlace {
  /** Where the program was started; `undefined` when that folder is gone. */
  readonly cwd: string | undefined;
  readonly home: string;
  /** The file of the program itself. */
  readonly program: string;
}

/**
 * Where file dialogs begin: the folder the program was started in. One that was started by its icon gets a folder nobody
 * chose, the root of the disk or the one its program lies in, and begins at home.
 */
export function toStartFolder({ cwd, home, program }: StartPlace): string {
  if (cwd === undefined || parse(cwd).root === cwd) return home;
  return dirname(program) === cwd ? home : cwd;
}

/** @see toStartFolder */
export function findStartFolder(): string {
  return toStartFolder({ cwd: findCwd(), home: homedir(), program: process.execPath });
}

function findCwd(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
