import { basename, extname, isAbsolute, normalize } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';

const EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml']);

/** Whether a file is called as a fleet file is. */
export function isFleetFileName(name: string): boolean {
  return EXTENSIONS.has(extname(name).toLowerCase());
}

/**
 * A path that the contract may read or write as a fleet file: absolute, without a null, `.yaml` or `.yml`; made normal. So a
 * client can neither read a key file nor replace a program through it.
 *
 * @throws {AppError} INPUT_INVALID
 */
export function parseFleetPath(path: string): string {
  const normal = parseAbsolutePath(path);
  if (isFleetFileName(normal)) return normal;
  throw new AppError(
    'INPUT_INVALID',
    `A fleet file ends in .yaml or .yml; "${basename(normal).slice(0, 100)}" does not. Give it such a name.`,
  );
}

/** @throws {AppError} INPUT_INVALID */
export function parseAbsolutePath(path: string): string {
  if (isAbsolute(path) && !path.includes('\0')) return normalize(path);
  throw new AppError('INPUT_INVALID', `"${path.slice(0, 100)}" is not a whole path; begin at the root of the disk.`);
}
