import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'vite';
import { buildRenderer, RENDERER_FOLDER } from './build-renderer.ts';
import { filesBelow } from './source-stamp.ts';
import { stripModule } from './strip-module.ts';
import { replaceFolder } from './swap-folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The program as it is shipped, without its dependencies: Electron is started on it, and packaging takes it as it is. */
export const APP_FOLDER = join(ROOT, '.build', 'app');

/** What runs outside of the page. */
const SOURCES = ['shared', 'runtime', 'main'];

/** Electron's sandbox takes a preload script only as one file of CommonJS. */
const PRELOAD = join('main', 'preload', 'preload.ts');

/** Fields of package.json that the shipped one keeps. */
const KEPT_FIELDS = ['name', 'version', 'description', 'license', 'author', 'type', 'dependencies'];

/**
 * Builds `.build/app`: every module as JavaScript, the preload script in one file, the screens and the examples.
 *
 * @throws {Error} when a module cannot be stripped or would lead to a file that is not shipped.
 */
export async function buildApp(): Promise<void> {
  await buildRenderer();
  await replaceFolder(APP_FOLDER, async (folder) => {
    for (const path of SOURCES.flatMap((source) => filesBelow(join(ROOT, source)))) ship(path, folder);
    if (existsSync(join(ROOT, PRELOAD))) await bundlePreload(folder);
    copyVisible(RENDERER_FOLDER, join(folder, 'renderer'));
    copyVisible(join(ROOT, 'examples'), join(folder, 'examples'));
    // It surveys the sources, which are not shipped.
    rmSync(join(folder, 'examples', 'repo-survey.yaml'));
    // What git ignores is left out of a workspace, and `.build` is ignored: an own root, so that the examples find their files.
    mkdirSync(join(folder, '.git'));
    cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(shippedPackage(), undefined, 2)}\n`);
  });
}

function ship(path: string, folder: string): void {
  const name = relative(ROOT, path);
  if (!name.endsWith('.ts') || name === PRELOAD) return;
  const target = join(folder, name.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, stripModule(path, readFileSync(path, 'utf8')));
}

async function bundlePreload(folder: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: ROOT,
    build: {
      outDir: join(folder, dirname(PRELOAD)),
      emptyOutDir: false,
      minify: false,
      target: 'es2024',
      lib: { entry: join(ROOT, PRELOAD), formats: ['cjs'], fileName: () => 'preload.cjs' },
      rolldownOptions: { external: ['electron'] },
    },
  });
}

/** Stamps, results of runs and whatever else hides or was made here stay here. */
function copyVisible(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !/(^|[\\/])\.[^\\/]+$|-results\.jsonl$/.test(relative(from, path)),
  });
}

function shippedPackage(): Record<string, unknown> {
  const whole = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  const kept = KEPT_FIELDS.flatMap((field) => (whole[field] === undefined ? [] : [[field, whole[field]] as const]));
  return { ...Object.fromEntries(kept), private: true, main: 'main/desktop.js' };
}
