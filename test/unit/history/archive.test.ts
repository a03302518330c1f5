import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportArchive } from '../../../main/history/archive/export-archive.ts';
import { importArchive } from '../../../main/history/archive/import-archive.ts';
import { exportCsv, exportJsonLines } from '../../../main/history/archive/text-export.ts';
import { openHistoryReader } from '../../../main/history/reader/open-reader.ts';
import { pruneRuns } from '../../../main/history/store/prune-runs.ts';
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

const OTHER = '01K00000000000000000000002';

function record(directory: string): void {
  using history = writeHistory(directory);
  history.write([...launched(3), turn(0, 1, { toolCalls: requested(1, 2) }), callStart(0, 1), callStart(0, 2)]);
  history.write([
    call(0, 1, { output: 'größer\n"🚀", a,b' }),
    call(0, 2, { state: 'failed', error: { code: 'TOOL_FAILED', message: 'x' } }),
  ]);
  history.write(Array.from({ length: 1_200 }, (_, n) => call(1, n + 1, { ms: 0.1 + n / 7 })));
  history.write([{ type: 'notice', runId: RUN, atMs: 5, level: 'warning', text: 'No sandbox.' }, ...ended(3)]);
}

test('a run that is exported, imported elsewhere beside another and exported again has the same bytes', async () => {
  using from = temporaryDirectory();
  using to = temporaryDirectory();
  record(from.path);
  {
    using history = writeHistory(to.path);
    history.write([...launched(1, OTHER), ...ended(1, OTHER)]);
  }
  const one = join(from.path, 'one.flotilla');
  const two = join(to.path, 'two.flotilla');
  await exportArchive(from.path, RUN, one);
  expect(await importArchive(to.path, one)).toEqual({ runId: RUN, isKnown: false });
  await exportArchive(to.path, RUN, two);
  expect(readFileSync(two).equals(readFileSync(one))).toBe(true);
  expect(await importArchive(to.path, one)).toEqual({ runId: RUN, isKnown: true });
  using history = writeHistory(to.path);
  history.index();
  expect(history.calls.verify()).toEqual([]);
  expect(history.calls.search('größer').hits).toMatchObject([{ runId: RUN, agent: 0, call: 1 }]);
  expect(history.calls.recordedSessionPage({ runId: RUN }).items).toHaveLength(3);
  expect(history.calls.listRuns().runs.map(({ runId }) => runId)).toEqual([OTHER, RUN]);
});

test('a file that is cut, changed anywhere or no export at all is refused and changes nothing', async () => {
  using from = temporaryDirectory();
  using to = temporaryDirectory();
  record(from.path);
  const path = join(from.path, 'one.flotilla');
  await exportArchive(from.path, RUN, path);
  const whole = readFileSync(path);
  const changed = (at: number): Buffer => {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 0xff;
    return bytes;
  };
  const hurt = [
    whole.subarray(0, -1),
    whole.subarray(0, 10),
    Buffer.alloc(0),
    changed(0),
    changed(20),
    changed(Math.floor(whole.length / 2)),
    changed(whole.length - 1),
  ];
  for (const bytes of hurt) {
    writeFileSync(path, bytes);
    await expect(importArchive(to.path, path)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
  }
  await expect(importArchive(to.path, join(to.path, 'none'))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  using history = writeHistory(to.path);
  expect(history.calls.listRuns().runs).toEqual([]);
});

test('JSON lines hold every record, and comma-separated values survive quotes, commas and line feeds', async () => {
  using directory = temporaryDirectory();
  record(directory.path);
  await using reader = await openHistoryReader({ dataDir: directory.path });
  const lines = join(directory.path, 'run.jsonl');
  await exportJsonLines(reader, RUN, lines);
  const types = readFileSync(lines, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(Object.groupBy(types, (type) => type)).toMatchObject({
    run: { length: 1 },
    session: { length: 3 },
    turn: { length: 1 },
    toolCall: { length: 1_202 },
  });
  const table = join(directory.path, 'run.csv');
  await exportCsv(reader, RUN, table);
  const { parse } = await import('csv-parse/sync');
  const rows: Record<string, string>[] = parse(readFileSync(table), { columns: true });
  expect(rows).toHaveLength(1_202);
  expect(rows[0]).toMatchObject({ call: '1', output: 'größer\n"🚀", a,b', ms: '2' });
});

test('pruning deletes ended runs with their words and gives the space back', () => {
  using directory = temporaryDirectory();
  record(directory.path);
  {
    using history = writeHistory(directory.path);
    history.index();
    history.write(launched(1, OTHER));
  }
  const { runs, bytes } = pruneRuns(directory.path, Number.MAX_SAFE_INTEGER);
  expect(runs).toBe(1);
  expect(bytes).toBeGreaterThan(100_000);
  using history = writeHistory(directory.path);
  expect(history.calls.listRuns().runs.map(({ runId }) => runId)).toEqual([OTHER]);
  expect(history.calls.search('contents').hits).toEqual([]);
  expect(history.calls.verify()).toEqual([]);
});
