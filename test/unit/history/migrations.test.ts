import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MIGRATIONS } from '../../../main/history/migrations/migrations.ts';
import { openForWriting } from '../../../main/history/store/database.ts';
import { openHistoryReader } from '../../../main/history/reader/open-reader.ts';
import { call, RUN, temporaryDirectory } from '../../support/history-events.ts';
import { writeHistory } from '../../support/history-writing.ts';

const STORED = join(import.meta.dirname, '../../fixtures/history/schema-1.sqlite');

test('migrations are numbered from 1 without gaps', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
});

test('a stored database of schema 1 is brought to today’s, keeps its rows, is indexed and goes on', () => {
  using directory = temporaryDirectory();
  copyFileSync(STORED, join(directory.path, 'history.sqlite'));
  using history = writeHistory(directory.path);
  history.index();
  expect(history.calls.search('lighthouse').hits).toMatchObject([{ runId: RUN, tool: 'read_file' }]);
  expect(history.calls.search('prompt').hits).toMatchObject([{ what: 'prompt' }]);
  history.write([call(0, 2)]);
  expect(history.calls.callPage({ runId: RUN }).items.map((item) => item.call)).toEqual([1, 2]);
  expect(history.calls.verify()).toEqual([]);
});

test('the changes of state of one agent are found by an index', () => {
  using directory = temporaryDirectory();
  copyFileSync(STORED, join(directory.path, 'history.sqlite'));
  const connection = openForWriting(directory.path);
  const plan = connection.prepare(
    'EXPLAIN QUERY PLAN SELECT id FROM events WHERE run = 1 AND agent = 2 ORDER BY id DESC',
  );
  expect((plan.all() as { detail: string }[]).map(({ detail }) => detail)).toEqual([
    expect.stringContaining('events_by_agent (run=? AND agent=?)'),
  ]);
  connection.close();
});

test('a reading command brings an old database forward too', async () => {
  using directory = temporaryDirectory();
  copyFileSync(STORED, join(directory.path, 'history.sqlite'));
  await using reader = await openHistoryReader({ dataDir: directory.path });
  expect(await reader.listRuns()).toMatchObject({ runs: [{ fleet: 'old' }] });
});

test('a database of a newer program is refused by writer and reader, and stays as it is', async () => {
  using directory = temporaryDirectory();
  const connection = openForWriting(directory.path);
  connection.pragma('user_version = 999');
  connection.close();
  expect(() => openForWriting(directory.path)).toThrow(expect.objectContaining({ code: 'HISTORY_NEWER' }));
  await using reader = await openHistoryReader({ dataDir: directory.path });
  await expect(reader.listRuns()).rejects.toMatchObject({ code: 'HISTORY_NEWER' });
});

test('the database gives pages back in steps: incremental vacuum is set before its first table', () => {
  using directory = temporaryDirectory();
  const connection = openForWriting(directory.path);
  expect(connection.pragma('auto_vacuum', { simple: true })).toBe(2);
  expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
  connection.close();
});
