import { statSync } from 'node:fs';
import type { ErrorData } from '../../../shared/errors/app-error.ts';
import type { StartOrder } from './launcher-order.ts';

/** Why a program could not be started, in one sentence with the way out. */
export function toStartFailure(error: unknown, order: StartOrder): ErrorData {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const program = order.command[0] ?? '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return explainMissing(program, order);
    case 'EACCES':
    case 'EPERM':
    case 'ENOEXEC':
      return {
        code: 'PROGRAM_NOT_FOUND',
        message: `"${program}" may not be executed: check that it is a program and that its execute permission is set.`,
      };
    case 'E2BIG':
      return {
        code: 'INPUT_INVALID',
        message: `The arguments for "${program}" are longer than this system allows: hand the prompt over by file or stdin.`,
      };
    case 'EAGAIN':
    case 'ENOMEM':
    case 'EMFILE':
    case 'ENFILE':
      return {
        code: 'PROCESS_LIMIT',
        message: `The system allows no more processes or open files now (${code}): lower the limit of concurrent agents or raise the system's.`,
        details: { retryAfterMs: 1_000 },
      };
    default:
      return {
        code: 'PROGRAM_NOT_FOUND',
        message: `"${program}" could not be started: ${error instanceof Error ? error.message : String(error)}.`,
      };
  }
}

/** The system answers "not found" for the program, for its interpreter and for the directory alike. */
function explainMissing(program: string, order: StartOrder): ErrorData {
  if (!isDirectory(order.directory)) {
    return {
      code: 'FILE_NOT_FOUND',
      message: `The folder "${order.directory}", in which "${program}" was to start, does not exist.`,
    };
  }
  const where = program.includes('/') ? 'at this path' : 'in PATH';
  return {
    code: 'PROGRAM_NOT_FOUND',
    message: `There is no program "${program}" ${where}, or the interpreter its first line names is missing: install it or correct the command.`,
  };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
