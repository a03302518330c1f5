/** One row of the chooser. */
export interface ChooserRow {
  readonly kind: 'folder' | 'file';
  readonly name: string;
  readonly path: string;
}

/** A step of the way to a folder, for the breadcrumbs. */
export interface Crumb {
  readonly label: string;
  readonly path: string;
}

/** The separator a path of this machine uses. */
function separatorOf(path: string): '/' | '\\' {
  return /^[A-Za-z]:|^\\\\/.test(path) || (!path.includes('/') && path.includes('\\')) ? '\\' : '/';
}

/** A name inside a folder. */
export function joinPath(folder: string, name: string): string {
  const separator = separatorOf(folder);
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
}

/** The folder of a file, and its name; the folder keeps its last separator only at the root. */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const separator = separatorOf(path);
  const at = path.lastIndexOf(separator);
  if (at === -1) return { folder: '', name: path };
  const folder = path.slice(0, at);
  return {
    folder: folder === '' || /^[A-Za-z]:$/.test(folder) ? folder + separator : folder,
    name: path.slice(at + 1),
  };
}

/** The way to a folder, from the root. */
export function toCrumbs(folder: string): Crumb[] {
  const separator = separatorOf(folder);
  const isShare = folder.startsWith('\\\\');
  const parts = folder.split(separator).filter((part) => part !== '');
  const crumbs: Crumb[] = [];
  if (separator === '/') crumbs.push({ label: '/', path: '/' });
  let path = separator === '/' ? '' : isShare ? '\\\\' : '';
  for (const part of parts) {
    path = path === '' || path === '\\\\' ? path + (separator === '/' ? `/${part}` : part) : path + separator + part;
    crumbs.push({ label: part, path: /^[A-Za-z]:$/.test(path) ? `${path}\\` : path });
  }
  return crumbs;
}

function byName(names: readonly string[]): string[] {
  return names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The way up, then folders, then files, each by name. */
export function toRows(listing: {
  readonly folder: string;
  readonly parent?: string | undefined;
  readonly folders: readonly string[];
  readonly files: readonly string[];
}): ChooserRow[] {
  const row =
    (kind: ChooserRow['kind']) =>
    (name: string): ChooserRow => ({ kind, name, path: joinPath(listing.folder, name) });
  const up: ChooserRow[] = listing.parent === undefined ? [] : [{ kind: 'folder', name: '..', path: listing.parent }];
  return [...up, ...byName(listing.folders).map(row('folder')), ...byName(listing.files).map(row('file'))];
}

/** Letters typed after one another within this time are one word. */
const TYPE_AHEAD_MS = 800;

/** What was typed to find a row, and when. */
export interface TypeAhead {
  readonly typed: string;
  readonly atMs: number;
}

/** Takes a letter in and finds the next row that begins with what was typed; stays where it is when there is none. */
export function typeAhead(
  rows: readonly ChooserRow[],
  current: number,
  before: TypeAhead,
  key: { readonly letter: string; readonly atMs: number },
): { readonly index: number; readonly state: TypeAhead } {
  const isNew = key.atMs - before.atMs > TYPE_AHEAD_MS;
  const typed = (isNew ? '' : before.typed) + key.letter.toLowerCase();
  // The same letter again goes on to the next row that begins with it.
  const isRepeat = typed === typed.charAt(0).repeat(typed.length);
  const wanted = isRepeat ? (typed[0] ?? '') : typed;
  const first = isNew || isRepeat ? current + 1 : current;
  const order = rows.map((_, index) => (first + index + rows.length) % rows.length);
  const index = order.find((at) => rows[at]?.name.toLowerCase().startsWith(wanted) === true) ?? current;
  return { index, state: { typed, atMs: key.atMs } };
}

/** Where an arrow key leads; `undefined` for other keys. */
export function moveRow(key: string, current: number, count: number): number | undefined {
  const last = Math.max(0, count - 1);
  const page = 10;
  const to: Readonly<Record<string, number>> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + page,
    PageUp: current - page,
    Home: 0,
    End: last,
  };
  const next = to[key];
  return next === undefined ? undefined : Math.min(last, Math.max(0, next));
}

const YAML_ENDING = /\.ya?ml$/i;

/** The name with `.yaml` where it has no such ending. */
export function withYamlEnding(name: string): string {
  return YAML_ENDING.test(name) ? name : `${name}.yaml`;
}

/** What was typed, as a path: a whole one says everything, anything else begins in the folder on show. */
export function toTypedPlace(folder: string, typed: string): { readonly path: string; readonly mayBeFolder: boolean } {
  const name = typed.trim();
  const isWhole = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(name);
  return { path: isWhole ? name : joinPath(folder, name), mayBeFolder: !YAML_ENDING.test(name) };
}
