import { resolve } from 'node:path';
import process from 'node:process';
import envPaths from 'env-paths';
import { invocationOf, toShellWord } from './invocation.ts';
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
  /** A command as it is typed here, for this data directory. */
  readonly typed: (command: string) => string;
}

/** The frame for these options. */
export function createFrame(options: CommonOptions, version: string): CommandFrame {
  const invocation = invocationOf(process.env);
  const directory = options.dataDir === undefined ? '' : ` --data-dir ${toShellWord(options.dataDir)}`;
  return {
    dataDir: resolve(options.dataDir ?? envPaths('flotilla', { suffix: '' }).data),
    output: createOutput({ json: options.json === true, progress: options.progress !== false, invocation }),
    environment: process.env,
    version,
    typed: (command) => `${invocation} ${command}${directory}`,
  };
}
