import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPulseSampler } from '../../../main/app/take-pulse.ts';
import type { RunProgress } from '../../../shared/model/run-summary.ts';
import { defaultSettings } from '../../../shared/settings/settings.ts';
import { manualClock } from '../../support/manual-clock.ts';

const lane = (name: string, waiting: number, refused = 0) => ({
  name: name as 'io',
  running: 2,
  waiting,
  maxRunning: 4,
  queueCapacity: 10,
  completed: 0,
  failed: 0,
  refused,
  cancelled: 0,
  timedOut: 0,
  waitP50Ms: undefined,
  waitP99Ms: undefined,
  runP50Ms: undefined,
  runP99Ms: undefined,
});

test('a pulse names what waits, the most first, and a refusal for ten seconds', async () => {
  const clock = manualClock();
  let lanes = [lane('cpu', 0, 5), lane('io', 3), lane('process', 9)];
  const memory = {
    rssBytes: 1,
    heapUsedBytes: 1,
    heapLimitBytes: 1,
    externalBytes: 1,
    machineBytes: 10,
    availableBytes: 9,
    gate: { level: 'open', text: 'There is enough memory.', timesShort: 0, shortMs: 0 },
    tuner: { phase: 'off', youngBytes: 1 },
  } as const;
  const stats = {
    pending: 7,
    capacity: 10,
    written: 0,
    sampledOut: 0,
    lagMs: 12,
    wordLag: 0,
    walBytes: 30,
    trouble: undefined,
  };
  const values = defaultSettings({ cores: 2, memoryBytes: 2 ** 30 });
  await using folder = await mkdtempDisposable(join(tmpdir(), 'pulse-'));
  const historyPath = join(folder.path, 'history.sqlite');
  await writeFile(historyPath, 'x'.repeat(100));
  await writeFile(`${historyPath}-wal`, 'x'.repeat(30));
  using sampler = openPulseSampler({
    plane: { gate: { stats: () => lanes }, memory: () => memory, history: { stats: () => stats } as never },
    liveRuns: () => [{ agentsRunning: 2 }, { agentsRunning: 3 }] as RunProgress[],
    settings: { values: () => values },
    clock,
    cores: 2,
    historyPath,
  });
  const first = await sampler.sample();
  expect(first).toMatchObject({
    liveRuns: 2,
    agentsRunning: 5,
    waiting: [
      { lane: 'process', waiting: 9, running: 2, max: 4 },
      { lane: 'io', waiting: 3 },
    ],
    history: { bytes: 130, pending: 7, lagMs: 12 },
    cpuWorkers: values['cpu.maxWorkers'],
  });
  expect(first.cpuRatio).toBeGreaterThanOrEqual(0);
  expect(first.cpuRatio).toBeLessThanOrEqual(1);
  // What was refused before anybody looked is no news.
  expect(first.health.reason ?? '').not.toContain('lane');
  lanes = [lane('cpu', 0, 6)];
  expect((await sampler.sample()).health.reason ?? 'late').toMatch(/lane cpu|late/);
  await clock.advance(10_000);
  expect((await sampler.sample()).health.reason ?? '').not.toContain('lane');
});
