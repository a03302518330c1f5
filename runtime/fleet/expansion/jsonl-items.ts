import { toTooMany } from './line-items.ts';
import type { ItemsContext, ItemsProblem, ItemsResult } from './items.ts';
import { readLines } from './text-lines.ts';

/** Columns a table may have; each is a placeholder. */
export const MAX_COLUMNS = 1_000;
/** Bad rows named of one file; the file is then not read further. */
export const MAX_BAD_ROWS = 50;

/** One item per line that holds a JSON object. A value that is not text is filled in as JSON; a null as nothing. */
export async function loadJsonlItems(
  source: { readonly path: string; readonly file: string },
  context: ItemsContext,
): Promise<ItemsResult> {
  const columns = new Map<string, number>();
  const rows: string[][] = [];
  const lines: number[] = [];
  const problems: ItemsProblem[] = [];
  for await (const line of readLines(source.path)) {
    if ('message' in line) {
      if (line.line === undefined) return { problems: [{ message: `the file ${source.file} ${line.message}` }] };
      problems.push({ at: { file: source.file, line: line.line, column: 1 }, message: line.message });
      break;
    }
    if (line.text.trim() === '') continue;
    if (rows.length === context.limit) {
      if (!context.isLimitHard) break;
      return { problems: [toTooMany(source.file, 'rows', context.limit)] };
    }
    const object = parseObject(line.text);
    if ('message' in object) {
      problems.push({
        at: { file: source.file, line: line.line, column: object.column },
        message: object.message,
        hint: object.hint,
      });
      if (problems.length >= MAX_BAD_ROWS) break;
      continue;
    }
    rows.push(toRow(object.value, columns));
    lines.push(line.line);
    if (columns.size > MAX_COLUMNS) {
      problems.push({
        at: { file: source.file, line: line.line, column: 1 },
        message: `a table may have at most ${MAX_COLUMNS} columns`,
      });
      break;
    }
  }
  if (problems.length > 0) return { problems };
  if (rows.length === 0) return { problems: [{ message: `the file ${source.file} has no rows` }] };
  return { items: { columns: [...columns.keys()], rows, origin: { file: source.file, lines } }, problems };
}

function toRow(object: Record<string, unknown>, columns: Map<string, number>): string[] {
  const row: string[] = [];
  for (const [key, value] of Object.entries(object)) {
    const at = columns.get(key) ?? columns.size;
    columns.set(key, at);
    row[at] = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  }
  return row;
}

type Parsed =
  | { readonly value: Record<string, unknown> }
  | { readonly message: string; readonly column: number; readonly hint: string };

function parseObject(text: string): Parsed {
  const hint = 'each line holds one JSON object: {"name": "value"}';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { value: value as Record<string, unknown> };
    return { message: 'this line is JSON, but not an object', column: 1, hint };
  } catch (error) {
    const at = Number(/position (\d+)/.exec((error as Error).message)?.[1] ?? 0);
    return { message: 'this line is not JSON', column: Math.min(at, text.length) + 1, hint };
  }
}
