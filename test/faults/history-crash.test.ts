import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, truncateSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { History } from '../../main/history/history.ts';
import { openHistory } from '../../main/history/open-history.ts';
import { openHistoryReader } from '../../main/history/reader/open-reader.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import { areCpuWaitsKnown, readCpuWaitMs, stopAndReadCpuWaitMs } from '../support/threads/cpu-waits.ts';
import { RUN, temporaryDirectory } from '../support/history-events.ts';

const ROUNDS = 20;

/** The promise: after `kill -9` nothing older than this is missing, not counting time in which no processor was to be had. */
const DURABLE_MS = 100;

/** A program that gets next to no time of a processor is killed all the same: such a round proves nothing and is repeated. */
const MAX_ROUND_MS = 5_000;
const MAX_ROUNDS = 2 * ROUNDS;

/** How far the writing program had come: the number of its last call, when, and the waits of its threads until then. */
type Note = readonly [call: number, atMs: number, cpuWaitMs: number];

async function startWriting(directory: string, mode: 'full' | 'slow' | 'flushed'): Promise<ChildProcess> {
  const module = join(import.meta.dirname, 'history-writing-child.ts');
  const child = spawn(process.execPath, ['--single-threaded-gc', module, directory, join(directory, 'notes'), mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function readNotes(directory: string): readonly Note[] {
  const path = join(directory, 'notes');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => line.split(' ').map(Number) as unknown as Note);
}

/** Sometime within the quarter of a second after the first note is due; `waitedMs` is what does not count. */
async function waitForRandomMoment(directory: string, waitedMs: () => number): Promise<void> {
  const afterMs = DURABLE_MS * 1.2 + Math.random() * 250;
  for (const endAt = performance.now() + MAX_ROUND_MS; performance.now() < endAt;) {
    const [first] = readNotes(directory);
    if (first && Date.now() - first[1] - (waitedMs() - first[2]) >= afterMs) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What to say of calls that are missing: what came before the end, and how old it was. */
function toWords(
  missing: readonly number[],
  notes: readonly Note[],
  [atMs, waitMs]: readonly [number, number],
): string {
  const before = notes
    .slice(-40)
    .map((note) => `${note[0]} (${atMs - note[1]} ms old, ${Math.round(waitMs - note[2])} ms of waits)`);
  return `${missing.length} calls are missing from ${missing[0]} on; emitted before the end: ${before.join(', ')}`;
}

/** Looks whether an interrupted run is whole; answers which of the calls up to a number are missing. */
async function findMissing(history: History, promised: number): Promise<readonly number[]> {
  const seen = new Set<number>();
  for await (const { call, state } of history.reader.toolCalls(RUN)) {
    seen.add(call);
    expect(state).not.toBe('running');
  }
  expect(await history.reader.getRun(RUN)).toMatchObject({ state: 'interrupted', agents: 4 });
  for await (const { state } of history.reader.sessions(RUN)) expect(state).toBe('interrupted');
  expect(await history.reader.verify()).toEqual([]);
  return Array.from({ length: promised }, (_, n) => n + 1).filter((n) => !seen.has(n));
}

// Where the system does not say how long a thread waited for a processor, age cannot be told from a busy machine.
test.runIf(areCpuWaitsKnown)(
  `after kill -9 at ${ROUNDS} random moments nothing older than ${DURABLE_MS} ms is missing and the run is interrupted`,
  { timeout: ROUNDS * 15_000 },
  async () => {
    for (let round = 0, tried = 0; round < ROUNDS; tried++) {
      expect(tried).toBeLessThan(MAX_ROUNDS);
      using directory = temporaryDirectory();
      const child = await startWriting(directory.path, round % 2 === 0 ? 'full' : 'slow');
      await waitForRandomMoment(directory.path, () => readCpuWaitMs(child.pid!));
      const killedAtMs = Date.now();
      const cpuWaitMs = await stopAndReadCpuWaitMs(child.pid!);
      await kill(child);
      const isDue = ([, atMs, waitMs]: Note): boolean => killedAtMs - atMs - (cpuWaitMs - waitMs) >= DURABLE_MS;
      const notes = readNotes(directory.path);
      const promised = notes.findLast(isDue)?.[0];
      if (promised === undefined) continue;
      round++;
      await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
      const missing = await findMissing(history, promised);
      expect(missing.length === 0 ? '' : toWords(missing, notes, [killedAtMs, cpuWaitMs])).toBe('');
    }
  },
);

test('after kill -9 nothing that a flush has acknowledged is missing, however busy the machine', async () => {
  for (let round = 0; round < 5; round++) {
    using directory = temporaryDirectory();
    const child = await startWriting(directory.path, 'flushed');
    await waitForRandomMoment(directory.path, () => 0);
    await kill(child);
    await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
    expect(await findMissing(history, readNotes(directory.path).at(-1)?.[0] ?? 0)).toEqual([]);
  }
});

test('a log that was cut off in the middle opens with what is whole before the cut', async () => {
  using directory = temporaryDirectory();
  const log = join(directory.path, 'history.sqlite-wal');
  const child = await startWriting(directory.path, 'full');
  const withLaunch = statSync(log).size;
  await waitForRandomMoment(directory.path, () => 0);
  await kill(child);
  truncateSync(log, Math.floor((withLaunch + statSync(log).size) / 2) + 17);
  await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
  expect(await history.reader.verify()).toEqual([]);
  await using reader = await openHistoryReader({ dataDir: directory.path });
  expect((await reader.listRuns()).runs).toHaveLength(1);
});
