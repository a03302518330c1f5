import { CsvError, parse, type Info } from 'csv-parse';
import { toTooMany } from './line-items.ts';
import { MAX_BAD_ROWS, MAX_COLUMNS } from './jsonl-items.ts';
import type { ItemsContext, ItemsProblem, ItemsResult } from './items.ts';
import { readChunks, toFault } from './text-lines.ts';

/** Longest row of a table, in bytes. */
const MAX_ROW_BYTES = 1_000_000;

interface CsvSource {
  readonly path: string;
  readonly file: string;
  readonly delimiter: ',' | '\t';
}

interface CsvRecord {
  readonly record: string[];
  readonly info: Info;
}

/** One item per row of a table with a header; quotes as in RFC 4180. A row of another width is a mistake. */
export async function loadCsvItems(source: CsvSource, context: ItemsContext): Promise<ItemsResult> {
  const problems: ItemsProblem[] = [];
  const rows: string[][] = [];
  let columns: readonly string[] | undefined;
  let endOfLast = 0;
  const parser = parse({
    delimiter: source.delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
  });
  const feeding = feed(source.path, parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      // The parser tells where a record ends; it begins after the one before.
      const line = Math.max(endOfLast + 1, info.lines - countLineEnds(record));
      endOfLast = info.lines;
      if (columns === undefined) {
        columns = record.map((name) => name.trim());
        problems.push(...checkHeader(columns, source.file, line));
        continue;
      }
      if (rows.length === context.limit) {
        if (!context.isLimitHard) break;
        return { problems: [toTooMany(source.file, 'rows', context.limit)] };
      }
      if (record.length === columns.length) rows.push(record);
      else problems.push(toWidthProblem(record.length, columns.length, { file: source.file, line, column: 1 }));
      if (problems.length >= MAX_BAD_ROWS) break;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    problems.push(toCsvProblem(error, source.file, endOfLast + 1));
  } finally {
    parser.destroy();
  }
  const fault = await feeding;
  if (fault !== undefined) problems.push(toFaultProblem(fault, source.file));
  if (problems.length > 0) return { problems };
  if (columns === undefined || rows.length === 0)
    return { problems: [{ message: `the file ${source.file} has no rows below its header` }] };
  return { items: { columns, rows }, problems };
}

/** Hands the file to the parser; answers with what is wrong with it. */
async function feed(path: string, parser: ReturnType<typeof parse>): Promise<ReturnType<typeof toFault> | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  try {
    for await (const chunk of readChunks(path)) {
      if (parser.destroyed) return undefined;
      const text = decoder.decode(chunk, { stream: chunk.length > 0 });
      if (text !== '' && !parser.write(text)) await drained(parser);
      line += countLineEnds([text]);
    }
    return undefined;
  } catch (error) {
    return toFault(error, line);
  } finally {
    if (!parser.destroyed) parser.end();
  }
}

async function drained(parser: ReturnType<typeof parse>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  parser.once('drain', resolve).once('close', resolve).once('error', resolve);
  await promise;
}

function countLineEnds(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + (text.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
}

function checkHeader(columns: readonly string[], file: string, line: number): ItemsProblem[] {
  const at = { file, line, column: 1 };
  const problems: ItemsProblem[] = [];
  if (columns.length > MAX_COLUMNS) problems.push({ at, message: `a table may have at most ${MAX_COLUMNS} columns` });
  const seen = new Set<string>();
  for (const [index, name] of columns.entries()) {
    if (name === '') problems.push({ at, message: `column ${index + 1} of the header has no name` });
    else if (seen.has(name)) problems.push({ at, message: `the column \`${name}\` stands twice in the header` });
    seen.add(name);
  }
  return problems;
}

function toWidthProblem(found: number, expected: number, at: ItemsProblem['at'] & {}): ItemsProblem {
  const hint =
    found > expected
      ? 'a value that contains the separator belongs in double quotes'
      : 'write an empty value for what is missing';
  return { at, message: `expected ${expected} columns as in the header, got ${found}`, hint };
}

function toCsvProblem(error: CsvError, file: string, recordLine: number): ItemsProblem {
  // An open quote is only noticed at the end of what it swallowed.
  const isSwallowed = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE';
  const line = !isSwallowed && typeof error['lines'] === 'number' ? error['lines'] : recordLine;
  const at = { file, line: Math.max(1, line), column: 1 };
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return { at, message: 'a value in double quotes is not closed', hint: 'add the missing `"`' };
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
      return {
        at,
        message: 'a double quote stands in the middle of a value',
        hint: 'put the whole value in double quotes and write the one inside twice',
      };
    case 'CSV_MAX_RECORD_SIZE':
      return { at, message: `a row may have at most ${MAX_ROW_BYTES} bytes`, hint: 'is a double quote not closed?' };
    default:
      return { at, message: 'this row cannot be read' };
  }
}

function toFaultProblem(fault: ReturnType<typeof toFault>, file: string): ItemsProblem {
  return fault.line === undefined
    ? { message: `the file ${file} ${fault.message}` }
    : { at: { file, line: fault.line, column: 1 }, message: fault.message };
}
