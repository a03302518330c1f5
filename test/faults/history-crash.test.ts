import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, truncateSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHistory } from '../../main/history/open-history.ts';
import { openHistoryReader } from '../../main/history/reader/open-reader.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import { RUN, temporaryDirectory } from '../support/history-events.ts';

const ROUNDS = 20;
/** The promise: after `kill -9` nothing older than this is missing. */
const DURABLE_MS = 100;

/** A machine that gives this test's own timers no time gives the writer none either: such a round is repeated. */
const STARVED_MS = 25;
const MAX_ROUNDS = 4 * ROUNDS;

/** Starts the writer, kills it some time later; answers what it had emitted at least `DURABLE_MS` before. */
async function writeAndKill(directory: string, afterMs: number): Promise<{ promised: number; isStarved: boolean }> {
  const acknowledged = join(directory, 'acknowledged');
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'history-writing-child.ts'), directory, acknowledged],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(child.stdout, 'data');
  let latenessMs = 0;
  for (const endAt = performance.now() + afterMs; performance.now() < endAt;) {
    const dueAt = performance.now() + 5;
    await new Promise((resolve) => setTimeout(resolve, 5));
    latenessMs = Math.max(latenessMs, performance.now() - dueAt);
  }
  const killedAt = Date.now();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const notes = readFileSync(acknowledged, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').map(Number));
  const promised = notes.findLast(([, atMs]) => atMs! <= killedAt - DURABLE_MS)?.[0] ?? 0;
  return { promised, isStarved: latenessMs > STARVED_MS };
}

test(`after kill -9 at ${ROUNDS} random moments nothing older than ${DURABLE_MS} ms is missing and the run is interrupted`, async () => {
  for (let round = 0, tried = 0; round < ROUNDS; tried++) {
    expect(tried).toBeLessThan(MAX_ROUNDS);
    using directory = temporaryDirectory();
    const { promised, isStarved } = await writeAndKill(directory.path, 120 + Math.random() * 250);
    if (isStarved) continue;
    round++;
    await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
    const seen = new Set<number>();
    for await (const { call, state } of history.reader.toolCalls(RUN)) {
      seen.add(call);
      expect(state).not.toBe('running');
    }
    const missing = Array.from({ length: promised }, (_, n) => n + 1).filter((n) => !seen.has(n));
    expect(missing).toEqual([]);
    expect(promised).toBeGreaterThan(0);
    expect(await history.reader.getRun(RUN)).toMatchObject({ state: 'interrupted', agents: 4 });
    for await (const { state } of history.reader.sessions(RUN)) expect(state).toBe('interrupted');
    expect(await history.reader.verify()).toEqual([]);
  }
});

test('a log that was cut off in the middle opens with what is whole before the cut', async () => {
  using directory = temporaryDirectory();
  await writeAndKill(directory.path, 200);
  const log = join(directory.path, 'history.sqlite-wal');
  truncateSync(log, Math.floor(statSync(log).size / 2) + 17);
  await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
  expect(await history.reader.verify()).toEqual([]);
  await using reader = await openHistoryReader({ dataDir: directory.path });
  expect((await reader.listRuns()).runs).toHaveLength(1);
});
