import { resolve } from 'node:path';
import { toShownPath } from './shown-path.ts';
import type { ItemsContext, ItemsResult } from './items.ts';
import { readLines } from './text-lines.ts';

/** One item per line that is not empty: `{{line}}`. */
export async function loadLineItems(name: string, context: ItemsContext): Promise<ItemsResult> {
  const rows: string[][] = [];
  const file = toShownPath(name, context);
  for await (const line of readLines(resolve(context.folder, name))) {
    if ('message' in line) {
      if (line.line === undefined) return { problems: [{ message: `the file ${file} ${line.message}` }] };
      return { problems: [{ at: { file, line: line.line, column: 1 }, message: line.message }] };
    }
    if (line.text.trim() === '') continue;
    if (rows.length === context.limit) {
      if (!context.isLimitHard) break;
      return { problems: [toTooMany(file, 'lines', context.limit)] };
    }
    rows.push([line.text]);
  }
  if (rows.length === 0) return { problems: [{ message: `the file ${file} has no lines` }] };
  return { items: { columns: ['line'], rows }, problems: [] };
}

/** What is said of a source with more items than a fleet may have agents. */
export function toTooMany(
  file: string,
  what: string,
  limit: number,
): { readonly message: string; readonly hint: string } {
  return {
    message: `${file} has more than ${limit} ${what}`,
    hint: `add \`limit\`: a fleet has at most ${limit} agents`,
  };
}
