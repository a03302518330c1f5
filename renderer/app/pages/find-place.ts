/** The window's pages. Several addresses may be one page: a run, and the same run with an agent open. */
export type PageName = 'fleets' | 'editor' | 'runs' | 'run' | 'search' | 'settings';

/** What an address leads to. */
export interface Place {
  readonly page: PageName;
  /** What stands in the address in place of the `:names`, as it stands there. */
  readonly parts: Readonly<Record<string, string>>;
}

/** A part that ends in `?` may be missing. */
const ADDRESSES: readonly (readonly [pattern: string, page: PageName])[] = [
  ['fleets', 'fleets'],
  ['fleets/new', 'editor'],
  ['fleets/edit/:path', 'editor'],
  ['fleets/of/:run', 'editor'],
  ['runs', 'runs'],
  ['runs/:runId', 'run'],
  ['runs/:runId/agents/:agent/:entry?', 'run'],
  ['search/:text?', 'search'],
  ['settings/:section?', 'settings'],
];

/** Which page an address shows; `undefined` for an address of none. */
export function findPlace(address: string): Place | undefined {
  const given = address.split('/').filter((part) => part !== '');
  for (const [pattern, page] of ADDRESSES) {
    const parts = matchParts(pattern.split('/'), given);
    if (parts) return { page, parts };
  }
  return undefined;
}

/** Names a page with the one thing it shows: the same for a run with any of its agents open, another for another run. */
export function nameOfPage(address: string): string {
  const place = findPlace(address);
  return place ? [place.page, place.parts['runId'] ?? place.parts['path'] ?? place.parts['run'] ?? ''].join(' ') : '';
}

function matchParts(wanted: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (given.length > wanted.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [index, want] of wanted.entries()) {
    const part = given[index];
    if (part === undefined) return want.endsWith('?') ? parts : undefined;
    if (want.startsWith(':')) parts[want.replaceAll(/[:?]/gu, '')] = part;
    else if (want !== part) return undefined;
  }
  return parts;
}
