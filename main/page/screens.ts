import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

/** One file of the screens, as it is answered. */
interface ScreenFile {
  readonly body: Buffer;
  readonly type: string;
  /** Whether its name changes with its content, so that a browser may keep it for good. */
  readonly isImmutable: boolean;
}

/**
 * Every file that is served, by the path of its address. A request is looked up here and nowhere else: its path never
 * becomes a path of the disk.
 */
export type Screens = ReadonlyMap<string, ScreenFile>;

/** The address of the screens' first file. */
export const INDEX_PATH = '/';

/** Where the screens of this program lie: among the built files of a checkout, beside the code of a built program. */
export const SCREENS_FOLDER = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, '..', '..', '.build', 'renderer')
  : join(import.meta.dirname, '..', '..', 'renderer');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Vite's folder of files whose names carry the hash of their content. */
const HASHED = /^\/assets\//;

/** A build that puts its folder in place while the files are read is met once; one after the other is not. */
const MAX_LOOKS = 3;

/**
 * Reads the built screens into memory: a build that replaces them on the disk does not disturb a host that serves.
 * `undefined` when there are none that can be read. Files of other kinds than a page is made of, and hidden ones, are left out.
 */
export async function loadScreens(folder: string): Promise<Screens | undefined> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    try {
      const before = await stat(folder);
      const screens = await readScreens(folder);
      // Another folder of this name by now: what was read may be of both.
      if ((await stat(folder)).ino === before.ino) return screens;
    } catch {
      // It, or a file of it, went while it was read, or may not be read.
    }
  }
  return undefined;
}

async function readScreens(folder: string): Promise<Screens | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const screens = new Map<string, ScreenFile>();
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined || entry.name.startsWith('.')) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    const isImmutable = HASHED.test(path);
    screens.set(path === '/index.html' ? INDEX_PATH : path, { body: await readFile(file), type, isImmutable });
  }
  return screens.has(INDEX_PATH) ? screens : undefined;
}

/** What is served instead of screens that have not been built: a page that says `sentence`. */
export function screensThatSay(sentence: string): Screens {
  return new Map([
    [INDEX_PATH, { body: Buffer.from(sentencePage(sentence)), type: TYPES['.html'] ?? '', isImmutable: false }],
  ]);
}

/** A page of one sentence, which must hold no markup. */
export function sentencePage(sentence: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="color-scheme" content="dark light" />
    <title>Flotilla</title>
  </head>
  <body>
    <p>${sentence}</p>
  </body>
</html>
`;
}
