import { IDS_PER_RUN } from '../archive/archive-tables.ts';

/** The ids that a newest-first search may answer with, both ends excluded: of a run or of all, before the page's `after`. */
export function toIdRange(
  run: number | undefined,
  after: string | undefined,
): { readonly from: number; readonly to: number } {
  const cursor = readCursor(after);
  if (run === undefined) return { from: 0, to: cursor };
  return { from: run * IDS_PER_RUN, to: Math.min(cursor, (run + 1) * IDS_PER_RUN) };
}

/** The ids of a run that an oldest-first search may answer with, both ends excluded: after the page's `after`. */
export function toIdsAfter(run: number, after: string | undefined): { readonly from: number; readonly to: number } {
  const first = run * IDS_PER_RUN;
  const cursor = readCursor(after);
  return { from: cursor === Number.MAX_SAFE_INTEGER ? first : Math.max(first, cursor), to: first + IDS_PER_RUN };
}

/** Where the next page goes on: beyond this id. */
export function toCursor(id: number): string {
  return id.toString(36);
}

function readCursor(after: string | undefined): number {
  const id = after === undefined ? Number.NaN : Number.parseInt(after, 36);
  return Number.isSafeInteger(id) ? id : Number.MAX_SAFE_INTEGER;
}
