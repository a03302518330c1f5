import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportArchive } from '../../../main/history/archive/export-archive.ts';
import { importArchive } from '../../../main/history/archive/import-archive.ts';
import { openHistoryReader } from '../../../main/history/reader/open-reader.ts';
import { pruneRuns } from '../../../main/history/store/prune-runs.ts';
import { openForReading } from '../../../main/history/store/database.ts';
import {
  call,
  callStart,
  ended,
  launched,
  requested,
  RUN,
  temporaryDirectory,
  turn,
} from '../../support/history-events.ts';
import { writeHistory } from '../../support/history-writing.ts';

const FREE = { usage: { inputTokens: 0, outputTokens: 0 }, costUsd: 0, cached: true } as const;

/** Two turns and three calls, of which some were answered from the cache: in the batch of their beginning, and in a later one. */
function record(directory: string): void {
  using history = writeHistory(directory);
  history.write([
    ...launched(1),
    turn(0, 1, { toolCalls: requested(1, 2, 3) }),
    call(0, 1),
    call(0, 2, { cached: true }),
    callStart(0, 3),
    { ...turn(0, 2), type: 'turn.started' },
  ]);
  history.write([call(0, 3, { cached: true }), turn(0, 2, FREE), ...ended(1)]);
}

async function cachedOf(dataDir: string) {
  await using reader = await openHistoryReader({ dataDir });
  const calls: unknown[] = [];
  for await (const { call: n, cached } of reader.toolCalls(RUN, 0)) calls.push([n, cached]);
  const turns: unknown[] = [];
  for await (const { turn: n, cached, costUsd } of reader.turns(RUN)) turns.push([n, cached, costUsd]);
  const { items } = await reader.logPage({ runId: RUN, agent: 0 });
  const shown = items.flatMap((item) => ('cached' in item && item.cached ? [item.key.split('@')[0]] : []));
  return { calls, turns, shown: new Set(shown) };
}

const MARKED = {
  calls: [
    [1, undefined],
    [2, true],
    [3, true],
  ],
  turns: [
    [1, undefined, 0.01],
    [2, true, 0],
  ],
  shown: new Set(['call:2', 'turn:2.1', 'call:3']),
};

test('what was answered from the cache is marked, counts as done and costs nothing', async () => {
  using directory = temporaryDirectory();
  record(directory.path);
  expect(await cachedOf(directory.path)).toEqual(MARKED);
  await using reader = await openHistoryReader({ dataDir: directory.path });
  expect(await reader.getRun(RUN)).toMatchObject({
    toolCalls: 3,
    turns: 2,
    costUsd: 0.01,
    unpricedTurns: 0,
    inputTokens: 10,
  });
  expect(await reader.verify()).toEqual([]);
});

test('the marks go with the run: into an archive, into another history, and away', async () => {
  using from = temporaryDirectory();
  using to = temporaryDirectory();
  record(from.path);
  writeHistory(to.path)[Symbol.dispose]();
  const path = join(from.path, 'run.flotilla');
  await exportArchive(from.path, RUN, path);
  await importArchive(to.path, path);
  expect(await cachedOf(to.path)).toEqual(await cachedOf(from.path));
  pruneRuns(to.path, Infinity);
  const connection = openForReading(to.path)!;
  expect(connection.prepare('SELECT count(*) FROM cached_answers').pluck().get()).toBe(0);
  connection.close();
});
