import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../../shared/errors/app-error.ts';

const ROOT = new URL('../../../', import.meta.url);

/**
 * What runs when no file is named: the survey of this repository, and where that is not there, as in an installed program,
 * the survey of the small workspace that comes along.
 *
 * @throws {AppError} FLEET_NOT_FOUND
 */
export function findExampleFleet(root: URL = ROOT): string {
  const has = (path: string): boolean => existsSync(new URL(path, root));
  // The survey reads the sources that a build does not bring along.
  const hasRepository = ['shared', 'runtime', 'main/cli.ts'].every(has);
  if (hasRepository && has('examples/repo-survey.yaml')) return pathOf('examples/repo-survey.yaml', root);
  if (has('examples/sample-survey.yaml')) return pathOf('examples/sample-survey.yaml', root);
  throw new AppError('FLEET_NOT_FOUND', 'Name the fleet file to run: "flotilla run FILE".');
}

function pathOf(path: string, root: URL): string {
  return fileURLToPath(new URL(path, root));
}
