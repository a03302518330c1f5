import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Of a package's files, those that no program needs to run: how it was made, tested and described. */
const NOT_NEEDED: readonly RegExp[] = [
  /\.(?:md|markdown|map|ts|mts|cts|c|cc|cpp|h|gyp|gypi|o)$/i,
  /(?:^|\/)(?:test|tests|__tests__|docs|example|examples|bench|benchmark|benchmarks|fixtures)\//,
  /(?:^|\/)(?:test|bench|benchmark|example)\.js$/,
  /(?:^|\/)(?:eslint\.config\.[a-z]+|tsconfig[^/]*\.json|CNAME|[^/]*\.html|[^/]*\.sh)$/,
  // What hides belongs to an editor, a linter or a version control.
  /(?:^|\/)\./,
  /(?:^|\/)(?:yarn\.lock|package-lock\.json|pnpm-lock\.yaml|appveyor\.yml)$/,
];

/** The sources and objects of the one package that is compiled. */
const NOT_NEEDED_OF_SQLITE = /^node_modules\/better-sqlite3\/(?:deps|src|build\/Release\/(?:obj|obj\.target|\.deps))\//;

interface LockedPackage {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

/**
 * The files that a packaged app should hold, from what this repository has and its lock names; nothing of how it is packed is
 * asked. Paths from the root of the app, with `/`.
 */
export function listIntendedFiles(root: string): readonly string[] {
  return [
    'package.json',
    'LICENSE',
    ...listModules(root),
    ...listScreens(root),
    ...listExamples(root),
    ...listPackages(root),
  ];
}

/** Where a file is, whichever package its own was put into: the last package of its path, and the file in that. */
export function toPlace(path: string): string {
  const at = path.lastIndexOf('node_modules/');
  return at < 0 ? path : path.slice(at);
}

/** Each module as JavaScript; the preload script in one file of CommonJS. */
function listModules(root: string): readonly string[] {
  return gitFiles(root, 'shared', 'runtime', 'main')
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replace(/preload\/preload\.ts$/, 'preload/preload.cjs').replace(/\.ts$/, '.js'));
}

/** What the screens are made of has names that tell their content: they are read where they were built. */
function listScreens(root: string): readonly string[] {
  return filesBelow(join(root, '.build', 'renderer'))
    .filter((path) => !path.startsWith('.'))
    .map((path) => `renderer/${path}`);
}

/** But the one that reads the sources of this repository. */
function listExamples(root: string): readonly string[] {
  return gitFiles(root, 'examples').filter((path) => path !== 'examples/repo-survey.yaml' && !path.includes('/.'));
}

function listPackages(root: string): readonly string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const shipped = Object.entries(lock.packages).filter(
    // One for another system is locked and not installed.
    ([name, { dev, devOptional }]) => name !== '' && !dev && !devOptional && existsSync(join(root, name)),
  );
  return shipped.flatMap(([name]) =>
    filesBelow(join(root, name))
      .filter((path) => !path.startsWith('node_modules/') && !NOT_NEEDED.some((pattern) => pattern.test(path)))
      .map((path) => `${name}/${path}`)
      .filter((path) => !NOT_NEEDED_OF_SQLITE.test(path)),
  );
}

/** Tracked files, and those that would be. */
function gitFiles(root: string, ...folders: readonly string[]): readonly string[] {
  const { stdout, status, stderr } = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...folders],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    );
}
