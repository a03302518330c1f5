import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** Deepest folder entered; a deeper one is left out. */
const MAX_DEPTH = 100;

/** What one `.gitignore` says, about paths below its folder. */
interface Rules {
  readonly folder: string;
  readonly ignore: Ignore;
}

/**
 * The files of a workspace, relative, with `/`: those git does not ignore, not links, not `.git`.
 *
 * Rules come from `.gitignore` in each folder, in those above up to the repository's root, and from its
 * `.git/info/exclude`. Folders that may not be read are left out.
 */
export async function* walkWorkspace(workspace: string): AsyncGenerator<string> {
  yield* walkFolder(workspace, workspace, await loadRulesAbove(workspace), 0);
}

async function* walkFolder(
  workspace: string,
  folder: string,
  above: readonly Rules[],
  depth: number,
): AsyncGenerator<string> {
  const entries = await listFolder(folder);
  const own = entries.some((entry) => entry.name === '.gitignore') ? await loadRules(folder, '.gitignore') : undefined;
  const rules = own === undefined ? above : [...above, own];
  for (const entry of entries) {
    if (entry.name === '.git') continue;
    const path = join(folder, entry.name);
    const isFolder = entry.isDirectory();
    if (!isFolder && !entry.isFile()) continue;
    if (isIgnored(path, isFolder, rules)) continue;
    if (!isFolder) yield relative(workspace, path).replaceAll(sep, '/');
    else if (depth < MAX_DEPTH) yield* walkFolder(workspace, path, rules, depth + 1);
  }
}

async function listFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function loadRules(folder: string, name: string): Promise<Rules | undefined> {
  try {
    return { folder, ignore: ignore().add(await readFile(join(folder, name), 'utf8')) };
  } catch {
    return undefined;
  }
}

async function loadRulesAbove(workspace: string): Promise<Rules[]> {
  const found: Rules[] = [];
  for (let folder = workspace; ; folder = dirname(folder)) {
    if (folder !== workspace)
      found.unshift(...[await loadRules(folder, '.gitignore')].filter((rules) => rules !== undefined));
    if (await isRepository(folder)) {
      const exclude = await loadRules(folder, join('.git', 'info', 'exclude'));
      return exclude === undefined ? found : [exclude, ...found];
    }
    // Outside a repository nothing above the workspace counts.
    if (dirname(folder) === folder) return [];
  }
}

async function isRepository(folder: string): Promise<boolean> {
  try {
    await stat(join(folder, '.git'));
    return true;
  } catch {
    return false;
  }
}

/** The nearest folder's rules speak last, as git has it. */
function isIgnored(path: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  for (const { folder, ignore } of rules.toReversed()) {
    const result = ignore.test(relative(folder, path).replaceAll(sep, '/') + (isFolder ? '/' : ''));
    if (result.ignored) return true;
    if (result.unignored) return false;
  }
  return false;
}
