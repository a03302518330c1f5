import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { toShownPath } from './workspace.ts';

/** A file of rules longer than this is no list that a person keeps. */
const MAX_RULES_BYTES = 1_024 * 1_024;

/** The rules of one folder, and those of the folders around it. */
export interface IgnoreScope {
  /** Absolute. */
  readonly folder: string;
  readonly rules: Ignore;
  readonly outer: IgnoreScope | undefined;
}

/**
 * The rules that hold in `root` before its own `.gitignore`: `.git/info/exclude`, and `.gitignore` of the folders above it in the
 * same repository. None where these ignore `root` itself: who names such a folder wants it read.
 */
export function readOuterScope(root: string): IgnoreScope | undefined {
  const repository = findRepository(root);
  if (repository === undefined) return undefined;
  let scope = withRules(undefined, repository, join(repository, '.git', 'info', 'exclude'));
  let folder = repository;
  for (const name of relative(repository, root).split(sep)) {
    if (folder === root || name === '') break;
    scope = enterFolder(scope, folder);
    folder = join(folder, name);
    if (isIgnored(scope, folder, true)) return undefined;
  }
  return scope;
}

/** `outer` and the rules of `folder`'s own `.gitignore`, when it has one. */
export function enterFolder(outer: IgnoreScope | undefined, folder: string): IgnoreScope | undefined {
  return withRules(outer, folder, join(folder, '.gitignore'));
}

/**
 * Whether git would ignore `path`, absolute, if nothing of it were tracked. The innermost rule that speaks of it decides.
 * A folder above it that is ignored must have been left out before: git does not look into it either.
 *
 * Source: gitignore(5).
 */
export function isIgnored(scope: IgnoreScope | undefined, path: string, isFolder: boolean): boolean {
  for (let at = scope; at !== undefined; at = at.outer) {
    const verdict = at.rules.test(toShownPath(at.folder, path) + (isFolder ? '/' : ''));
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

/**
 * The scope for what is below `folder`, which `isIgnored` has let pass. A rule further out that speaks against the folder
 * was overruled by one further in, and then says nothing about what is below it either.
 */
export function enterKeptFolder(scope: IgnoreScope | undefined, folder: string): IgnoreScope | undefined {
  if (scope === undefined) return undefined;
  const outer = enterKeptFolder(scope.outer, folder);
  const shown = toShownPath(scope.folder, folder);
  if (scope.rules.test(`${shown}/`).ignored) {
    const exception = `!/${shown.replaceAll(/[\\*?[\] ]/g, String.raw`\$&`)}/`;
    return { folder: scope.folder, rules: createRules().add(scope.rules).add(exception), outer };
  }
  return outer === scope.outer ? scope : { ...scope, outer };
}

function createRules(): Ignore {
  return ignore({ ignorecase: process.platform !== 'linux' });
}

function withRules(outer: IgnoreScope | undefined, folder: string, rulesPath: string): IgnoreScope | undefined {
  const text = readRules(rulesPath);
  if (text === undefined) return outer;
  return { folder, rules: createRules().add(text), outer };
}

function readRules(path: string): string | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status?.isFile() || status.size > MAX_RULES_BYTES) return undefined;
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    return undefined;
  }
}

function findRepository(root: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    if (statSync(join(folder, '.git'), { throwIfNoEntry: false })) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}
