import { isAbsolute } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ProcessSpec } from './owned-process.ts';

/** What no operating system could start, as an error with the way out; `undefined` when there is nothing of it. */
export function findSpecFault(spec: ProcessSpec): AppError | undefined {
  const fault = describeFault(spec);
  return fault === undefined ? undefined : new AppError('INPUT_INVALID', fault);
}

function describeFault({ command, directory, environment }: ProcessSpec): string | undefined {
  if (!command[0]) return 'The command is empty: name a program.';
  const withNul = command.findIndex((part) => part.includes('\0'));
  if (withNul === 0) return 'The name of the program contains a NUL character.';
  if (withNul > 0) {
    return `Argument ${withNul} of "${command[0]}" contains a NUL character, which no system passes on: use stdin or a file.`;
  }
  if (!isAbsolute(directory) || directory.includes('\0')) return `The folder "${directory}" is not an absolute path.`;
  for (const [name, value] of Object.entries(environment)) {
    if (name === '' || name.includes('=') || name.includes('\0') || value.includes('\0')) {
      return `The environment variable ${JSON.stringify(name)} has a name or value that no system passes on.`;
    }
  }
  return undefined;
}
