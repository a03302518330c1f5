import { readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { exportArchive } from '../../../main/history/archive/export-archive.ts';
import { importArchive } from '../../../main/history/archive/import-archive.ts';
import { ARCHIVE_DIGEST_BYTES, ARCHIVE_MAGIC } from '../../../main/history/archive/archive-tables.ts';
import { openForWriting } from '../../../main/history/store/database.ts';
import { markInterruptedRuns } from '../../../main/history/writer/interrupted-runs.ts';
import type { RuntimeEvent } from '../../../shared/events/runtime-event.ts';
import type { AgentState, RunState } from '../../../shared/model/states.ts';
import { launched, RUN, temporaryDirectory } from '../../support/history-events.ts';
import { writeHistory } from '../../support/history-writing.ts';

const [{ atMs: AT }] = launched(0) as [RuntimeEvent];
const runChanged = (state: RunState, ms: number, part: object = {}): RuntimeEvent => ({
  type: 'run.changed',
  runId: RUN,
  atMs: AT + ms,
  state,
  ...part,
});
const agentChanged = (agent: number, state: AgentState, ms: number): RuntimeEvent => ({
  type: 'agent.changed',
  runId: RUN,
  atMs: AT + ms,
  agent,
  state,
});

/** Two lives: 2 s until a crash of which the last sign is at 2 s, and 1 s in the hour after, with a pause in it. */
const FIRST_LIFE = [...launched(4), agentChanged(0, 'done', 1_500), agentChanged(1, 'retrying', 2_000)];
const SECOND_LIFE = [
  runChanged('running', 3_600_000, { budget: { usd: 4 } }),
  runChanged('paused', 3_600_500),
  runChanged('running', 3_700_000),
  agentChanged(1, 'done', 3_700_100),
  agentChanged(2, 'failed', 3_700_200),
  agentChanged(3, 'stopped', 3_700_300),
  runChanged('stopping', 3_700_400),
  runChanged('stopped', 3_700_500),
];
const TWO_LIVES = {
  state: 'stopped',
  startedAtMs: AT,
  endedAtMs: AT + 3_700_500,
  workedMs: 3_000,
  agentsDone: 4,
  failed: 1,
  cutShort: 1,
};

function recordTwoLives(directory: string): void {
  {
    using history = writeHistory(directory);
    history.write(FIRST_LIFE);
    expect(history.calls.getRun(RUN)).toMatchObject({ workedMs: 0, workingSinceMs: AT });
  }
  const connection = openForWriting(directory);
  markInterruptedRuns(connection, AT + 9_000);
  connection.close();
  using history = writeHistory(directory);
  const interrupted = history.calls.getRun(RUN);
  expect(interrupted).toMatchObject({ state: 'interrupted', endedAtMs: AT + 2_000, workedMs: 2_000, cutShort: 3 });
  expect(interrupted).not.toHaveProperty('workingSinceMs');
  for (const event of SECOND_LIFE) history.write([event]);
}

test('the record of a run says how long it was at work over all its lives, and how many agents were cut short', () => {
  using directory = temporaryDirectory();
  recordTwoLives(directory.path);
  using history = writeHistory(directory.path);
  const run = history.calls.getRun(RUN);
  expect(run).toMatchObject(TWO_LIVES);
  expect(history.calls.report(RUN).ms).toBe(3_000);
  expect(history.calls.listRuns().runs).toEqual([run]);
  expect(history.calls.fleetRuns()).toEqual([run]);
});

test('a run that was killed before any of its agents changed ends when it was last heard of', () => {
  using directory = temporaryDirectory();
  {
    using history = writeHistory(directory.path);
    history.write([...launched(0), runChanged('running', 700)]);
  }
  const connection = openForWriting(directory.path);
  expect(markInterruptedRuns(connection, AT + 9_000)).toBe(1);
  connection.close();
  using history = writeHistory(directory.path);
  expect(history.calls.getRun(RUN)).toMatchObject({ state: 'interrupted', endedAtMs: AT + 700, workedMs: 700 });
});

test('a budget that was changed is recorded, and stays when the run is changed without one', () => {
  using directory = temporaryDirectory();
  recordTwoLives(directory.path);
  using history = writeHistory(directory.path);
  expect(history.calls.getRun(RUN).budget).toEqual({ usd: 4 });
});

test('an older database learns the same of its runs from their recorded changes', () => {
  using directory = temporaryDirectory();
  recordTwoLives(directory.path);
  const live = '01K00000000000000000000009';
  {
    using history = writeHistory(directory.path);
    history.write([...launched(1, live), { type: 'run.changed', runId: live, atMs: AT + 800, state: 'stopping' }]);
  }
  const connection = openForWriting(directory.path);
  for (const column of ['agents_cut_short', 'worked_ms', 'working_since_ms', 'budget'])
    connection.exec(`ALTER TABLE runs DROP COLUMN ${column}`);
  connection.exec('DROP TABLE cached_answers; DROP TABLE spilled_contexts');
  connection.pragma('user_version = 4');
  connection.close();
  using history = writeHistory(directory.path);
  expect(history.calls.getRun(RUN)).toMatchObject(TWO_LIVES);
  expect(history.calls.getRun(live)).toMatchObject({ workedMs: 800, workingSinceMs: AT + 800, cutShort: 0 });
  expect(history.calls.verify()).toEqual([]);
});

test('an archive of an older program is taken in, and its run is told as any other', async () => {
  using from = temporaryDirectory();
  using to = temporaryDirectory();
  recordTwoLives(from.path);
  const path = join(from.path, 'run.flotilla');
  await exportArchive(from.path, RUN, path);
  const whole = readFileSync(path);
  const lines = gunzipSync(whole.subarray(ARCHIVE_MAGIC.length, -ARCHIVE_DIGEST_BYTES)).toString('utf8').split('\n');
  const { runs } = JSON.parse(lines[0]!) as { runs: unknown[] };
  lines[0] = JSON.stringify({ runs: runs.slice(0, -4) });
  const older = Buffer.concat([ARCHIVE_MAGIC, gzipSync(lines.join('\n'))]);
  writeFileSync(path, Buffer.concat([older, createHash('sha256').update(older).digest()]));
  expect(await importArchive(to.path, path)).toEqual({ runId: RUN, isKnown: false });
  using history = writeHistory(to.path);
  expect(history.calls.getRun(RUN)).toMatchObject(TWO_LIVES);
});
