import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** One name for the content of every file below `places` (files or folders, from `root`), the names of the files with it. */
export function stampOf(root: string, places: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of places.flatMap((place) => filesBelow(join(root, place)))) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Every file of a folder, its own name when it is one, in an order that is always the same. */
export function filesBelow(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const below = join(path, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(below);
    return entry.isFile() ? [below] : [];
  });
}
