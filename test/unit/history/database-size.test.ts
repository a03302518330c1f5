import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openReaderThread } from '../../../main/history/reader/open-reader.ts';
import { threads } from '../../../runtime/workers/thread-table.ts';
import { call, ended, launched, temporaryDirectory } from '../../support/history-events.ts';
import { writeHistory } from '../../support/history-writing.ts';

const sizeThreads = (): number => threads().filter(({ name }) => name === 'history-size').length;

function fill(path: string): void {
  using history = writeHistory(path);
  history.write([...launched(1), ...Array.from({ length: 500 }, (_, n) => call(0, n + 1)), ...ended(1)]);
  history.index();
}

test('the files take what the file system says, and the tables with what is free and the log make it up', () => {
  using directory = temporaryDirectory();
  using history = writeHistory(directory.path);
  history.write([...launched(1), ...Array.from({ length: 500 }, (_, n) => call(0, n + 1))]);
  history.index();
  const total = history.calls.bytes();
  const size = (name: string): number => statSync(join(directory.path, name)).size;
  expect(total.walBytes).toBe(size('history.sqlite-wal'));
  expect(total.bytes).toBe(size('history.sqlite') + total.walBytes);
  const tables = new Map(history.calls.size().map(({ table, bytes }) => [table, bytes]));
  expect([...tables.keys()]).toEqual(
    expect.arrayContaining(['tool_calls', 'words', 'agent_names', 'sqlite_schema', 'free', 'wal']),
  );
  expect([...tables.keys()].filter((table) => table.startsWith('words_'))).toEqual([]);
  expect(tables.get('tool_calls')).toBeGreaterThan(500 * 100);
  expect(tables.get('wal')).toBe(total.walBytes);
});

test('sizes by table are measured in a thread of their own, by one for all who ask, and it is gone afterwards', async () => {
  using directory = temporaryDirectory();
  fill(directory.path);
  await using reader = openReaderThread(directory.path);
  const [one, other] = [reader.size(), reader.size()];
  expect(sizeThreads()).toBe(1);
  expect(await other).toEqual(await one);
  expect((await one).map(({ table }) => table)).toContain('tool_calls');
  expect(sizeThreads()).toBe(0);
});

test('who no longer waits ends the measuring, but not for others; the next question measures anew', async () => {
  using directory = temporaryDirectory();
  fill(directory.path);
  await using reader = openReaderThread(directory.path);
  const left = new AbortController();
  const [given, kept] = [reader.size(left.signal), reader.size()];
  left.abort();
  await expect(given).rejects.toThrow('aborted');
  expect((await kept).length).toBeGreaterThan(3);
  const alone = reader.size(AbortSignal.abort());
  await expect(alone).rejects.toThrow('aborted');
  const other = new AbortController();
  const ended = reader.size(other.signal);
  other.abort();
  await expect(ended).rejects.toThrow('aborted');
  expect(sizeThreads()).toBe(0);
  expect((await reader.size()).length).toBeGreaterThan(3);
});

test('a directory without a history takes nothing', async () => {
  using directory = temporaryDirectory();
  await using reader = openReaderThread(directory.path);
  expect(await reader.bytes()).toEqual({ bytes: 0, freeBytes: 0, walBytes: 0 });
  expect(await reader.size()).toEqual([]);
});
