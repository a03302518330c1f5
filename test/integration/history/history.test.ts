import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHistory } from '../../../main/history/open-history.ts';
import { openHistoryReader } from '../../../main/history/reader/open-reader.ts';
import { openForReading } from '../../../main/history/store/database.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { call, ended, launched, RUN, temporaryDirectory } from '../../support/history-events.ts';

test('another process’s reader sees a run while it is written, and an empty directory is an empty history', async () => {
  using directory = temporaryDirectory();
  await using reader = await openHistoryReader({ dataDir: directory.path });
  expect(await reader.listRuns()).toEqual({ runs: [] });
  expect(await reader.search('word')).toMatchObject({ hits: [] });
  expect(await reader.verify()).toEqual([]);
  await expect(reader.getRun('01K')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
  for (const event of [...launched(1), call(0, 1)]) history.sink.emit(event);
  await history.flush();
  expect(await reader.getRun(RUN)).toMatchObject({ state: 'running', toolCalls: 1 });
  expect(await history.reader.report(RUN)).toMatchObject({ toolCalls: 1, latencyMs: { p50: 2, p99: 2 } });
});

test('closing makes everything durable, folds the log back, and a finished run is not interrupted by the next start', async () => {
  using directory = temporaryDirectory();
  {
    await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
    for (const event of [...launched(1), ...Array.from({ length: 2_500 }, (_, n) => call(0, n + 1)), ...ended(1)])
      history.sink.emit(event);
  }
  expect(statSync(join(directory.path, 'history.sqlite-wal'), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
  expect(await history.reader.getRun(RUN)).toMatchObject({ state: 'done', toolCalls: 2_500 });
});

test('words are indexed behind ingest without being asked, and how far it is behind is shown', async () => {
  using directory = temporaryDirectory();
  await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
  for (const event of [...launched(1), ...Array.from({ length: 1_500 }, (_, n) => call(0, n + 1)), ...ended(1)])
    history.sink.emit(event);
  await history.flush();
  while (history.stats().wordLag > 0) await sleep(5);
  expect((await history.reader.search('contents', { limit: 1_000 })).hits).toHaveLength(1_000);
});

test('the log stays bounded while a foreign reader holds on and shrinks when it lets go', async () => {
  using directory = temporaryDirectory();
  const walMaxBytes = 2 ** 20;
  await using history = await openHistory({ dataDir: directory.path, clock: systemClock, walMaxBytes });
  for (const event of launched(1)) history.sink.emit(event);
  await history.flush();
  const write = async (from: number): Promise<void> => {
    for (let n = from; n < from + 2_000; n++) history.sink.emit(call(0, n, { output: 'x'.repeat(1_000) }));
    await history.flush();
  };
  const foreign = openForReading(directory.path)!;
  foreign.exec('BEGIN');
  foreign.prepare('SELECT count(*) FROM runs').get();
  await write(1);
  expect(history.stats().walBytes).toBeGreaterThan(walMaxBytes);
  foreign.exec('COMMIT');
  foreign.close();
  await write(2_001);
  await write(4_001);
  await history.flush();
  await sleep(100);
  expect(statSync(join(directory.path, 'history.sqlite-wal')).size).toBeLessThanOrEqual(3 * walMaxBytes);
});

test('pruning without an age lets go of what is older than 90 days and keeps the rest', async () => {
  using directory = temporaryDirectory();
  {
    await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
    for (const [runId, ageDays] of [
      ['01K0000000000000000000OLD1', 91],
      ['01K0000000000000000000NEW1', 89],
    ] as const) {
      const atMs = Date.now() - ageDays * 86_400_000;
      for (const event of [...launched(1, runId), ...ended(1, runId)]) history.sink.emit({ ...event, atMs });
    }
  }
  const cli = join(import.meta.dirname, '../../../main/cli.ts');
  execFileSync(process.execPath, [cli, 'history', 'prune', '--data-dir', directory.path], { stdio: 'ignore' });
  await using reader = await openHistoryReader({ dataDir: directory.path });
  expect((await reader.listRuns()).runs.map(({ runId }) => runId)).toEqual(['01K0000000000000000000NEW1']);
});

test('what closed just now is found by its words: the index catches up at the end', async () => {
  using directory = temporaryDirectory();
  {
    await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
    for (const event of launched(1)) history.sink.emit(event);
    for (let n = 1; n <= 20_000; n++) history.sink.emit(call(0, n, { output: n === 20_000 ? 'the walrus' : 'x' }));
    for (const event of ended(1)) history.sink.emit(event);
  }
  await using reader = await openHistoryReader({ dataDir: directory.path });
  expect(await reader.search('walrus')).toMatchObject({ wordLag: 0, hits: [{ call: 20_000 }] });
});
