import { dirname } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';

/** What an operating system's refusal to read or write in the data directory means to a person; anything else as it is. */
export function toStorageError(error: unknown, path: string): unknown {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AppError(
        'DATA_DIR_READ_ONLY',
        `"${path}" cannot be read or written; give yourself the right to, or choose another place with --data-dir DIR.`,
        { cause: error },
      );
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return new AppError(
        'DATA_DIR_READ_ONLY',
        `"${dirname(path)}" cannot serve as a data directory; choose another place with --data-dir DIR.`,
        { cause: error },
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError(
        'DISK_FULL',
        `The disk with "${dirname(path)}" is full; free some space or choose another place with --data-dir DIR.`,
        { cause: error },
      );
    default:
      return error;
  }
}
