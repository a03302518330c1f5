import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HistoryReader } from '../history.ts';
import { writeWhole } from './export-archive.ts';

const CSV_COLUMNS = [
  'runId',
  'agent',
  'turn',
  'call',
  'tool',
  'state',
  'startedAtMs',
  'waitMs',
  'ms',
  'outputBytes',
  'arguments',
  'output',
  'error',
] as const;

/** Every record of a run as the JSON lines of the command line. @throws {AppError} RUN_NOT_FOUND, DISK_FULL */
export async function exportJsonLines(
  reader: HistoryReader,
  run: string,
  path: string,
): Promise<{ readonly runId: string }> {
  const record = await reader.getRun(run);
  await writeLines(path, jsonLines(reader, record.runId));
  return { runId: record.runId };
}

/** The tool calls of a run as RFC 4180 comma-separated values. @throws {AppError} RUN_NOT_FOUND, DISK_FULL */
export async function exportCsv(reader: HistoryReader, run: string, path: string): Promise<{ readonly runId: string }> {
  const { runId } = await reader.getRun(run);
  await writeLines(path, csvLines(reader, runId));
  return { runId };
}

function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  return writeWhole(path, (partial) => pipeline(Readable.from(lines), createWriteStream(partial, { mode: 0o600 })));
}

async function* jsonLines(reader: HistoryReader, runId: string): AsyncGenerator<string> {
  yield toLine('run', await reader.getRun(runId));
  for await (const session of reader.sessions(runId)) yield toLine('session', session);
  for await (const turn of reader.turns(runId)) yield toLine('turn', turn);
  for await (const call of reader.toolCalls(runId)) yield toLine('toolCall', call);
}

function toLine(type: string, fields: object): string {
  return `${JSON.stringify({ type, ...fields })}\n`;
}

async function* csvLines(reader: HistoryReader, runId: string): AsyncGenerator<string> {
  yield `${CSV_COLUMNS.join(',')}\r\n`;
  for await (const call of reader.toolCalls(runId)) {
    const cells = CSV_COLUMNS.map((column) => (column === 'error' ? call.error?.code : call[column]));
    yield `${cells.map(toCell).join(',')}\r\n`;
  }
}

function toCell(value: string | number | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
