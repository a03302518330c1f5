import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isFleetFileName } from './fleet-path.ts';

/** The examples that come with the program. */
const EXAMPLES_FOLDER = besideArchive(join(import.meta.dirname, '..', '..', 'examples'));

/** What a first run begins with: it needs neither a key nor a network. The second stands where there is no repository. */
const FIRST = ['repo-survey.yaml', 'sample-survey.yaml'];

/** Their paths, the one to begin with first; none where the program came without them. */
export async function listExamples(folder = EXAMPLES_FOLDER): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter(isFleetFileName)
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => join(folder, name));
}

/**
 * Where a folder of the packaged program is on the disk. Its code is read from inside of `app.asar`; what other programs start or
 * read lies beside it in a folder, at the same path.
 */
export function besideArchive(path: string): string {
  return path.replace(/([\\/]app\.asar)(?=[\\/])/, '$1.unpacked');
}

function rank(name: string): number {
  const at = FIRST.indexOf(name);
  return at < 0 ? FIRST.length : at;
}
