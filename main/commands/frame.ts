import { resolve } from 'node:path';
import process from 'node:process';
import envPaths from 'env-paths';
import { createOutput, type Output } from './output.ts';

/** Options every command takes, as the command line's parser gives them. */
export interface CommonOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly progress?: boolean;
}

/** What a command is given to work in. */
export interface CommandFrame {
  /** Absolute; may not exist yet. */
  readonly dataDir: string;
  readonly output: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
}

/** The frame for these options. */
export function createFrame(options: CommonOptions, version: string): CommandFrame {
  return {
    dataDir: resolve(options.dataDir ?? envPaths('flotilla', { suffix: '' }).data),
    output: createOutput({ json: options.json === true, progress: options.progress !== false }),
    environment: process.env,
    version,
  };
}
