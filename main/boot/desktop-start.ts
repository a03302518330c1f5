import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import envPaths from 'env-paths';

/** How the desktop was started. */
export interface DesktopStart {
  /** Absolute; exists. */
  readonly dataDir: string;
  /** Where Chromium keeps what it needs; inside the data directory, so that two of them never share a window. */
  readonly profileDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
}

/** Reads how it was started; what Chromium understands and we do not is left to it. Throws the system's error. */
export function readDesktopStart(argv: readonly string[], environment: DesktopStart['environment']): DesktopStart {
  const options = { 'data-dir': { type: 'string' } } as const;
  const { values } = parseArgs({ args: argv.slice(1), options, strict: false, allowPositionals: true });
  const told = values['data-dir'];
  const dataDir = resolve(typeof told === 'string' ? told : envPaths('flotilla', { suffix: '' }).data);
  const profileDir = join(dataDir, 'window');
  mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return { dataDir, profileDir, environment, version };
}
