import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Collection } from '../../../runtime/memory/gc/collections.ts';
import { createGcMemory, readGc, readHeat, toGcRecord } from '../../../runtime/memory/gc/gc-record.ts';
import { gcOfThreads, heatOfThreads } from '../../../runtime/memory/gc/gc-threads.ts';
import { observeGc } from '../../../runtime/memory/gc/observe-gc.ts';
import { toHeapLimitBytes } from '../../../runtime/memory/heap/generations.ts';
import { DEFAULT_TUNER_OPTIONS } from '../../../runtime/memory/tuner/tuner-options.ts';
import { YoungTuner, type TunerStep } from '../../../runtime/memory/tuner/young-tuner.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { openCpuWorkers } from '../../../runtime/workers/cpu-lane.ts';
import { AgentAllocation } from '../../support/threads/agent-allocation.ts';

const MIB = 2 ** 20;
const tasks = new URL('../../support/threads/allocation-tasks.ts', import.meta.url);
const settings = { maxWorkers: 2, oldGenerationBytes: 256 * MIB, idleTimeoutMs: 60_000 };

function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Lets work happen until `isEnough`, giving way to the event loop in between. */
async function workUntil(isEnough: () => boolean): Promise<void> {
  const allocation = new AgentAllocation(false);
  while (!isEnough()) {
    for (let step = 0; step < 200; step++) allocation.step();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('collections of this thread are recorded with kind, cause, pause and the heap before and after', async () => {
  const shared = createGcMemory();
  const record = toGcRecord(shared);
  const seen: Collection[] = [];
  {
    using _observing = observeGc(shared, { followSizes: true, onCollection: (one) => void seen.push(one) });
    await workUntil(
      () => seen.filter(({ kind, heapBeforeBytes }) => kind === 'scavenge' && heapBeforeBytes).length >= 5,
    );
    collect();
    await workUntil(() => seen.some(({ cause }) => cause === 'forced'));
  }
  const sized = seen.filter(({ kind, heapBeforeBytes }) => kind === 'scavenge' && heapBeforeBytes !== undefined);
  // A scavenge of work that keeps little gives back most of what was made since the last one.
  const freed = sized.reduce((sum, { heapBeforeBytes, heapAfterBytes }) => sum + heapBeforeBytes! - heapAfterBytes, 0);
  expect(freed).toBeGreaterThan(MIB);
  expect(seen.every(({ pauseMs, atMs }) => pauseMs >= 0 && atMs > 0 && atMs <= Date.now())).toBe(true);
  const reading = readGc(record);
  expect(reading.count).toBe(seen.length);
  expect(reading.gcMs).toBeCloseTo(
    seen.reduce((sum, { pauseMs }) => sum + pauseMs, 0),
    6,
  );
  expect(readHeat(record).reduce((sum, { count }) => sum + count, 0)).toBe(seen.length);
  const { count } = reading;
  collect();
  await systemClock.sleep(20);
  expect(readGc(record).count).toBe(count);
});

test('threads of the cpu lane report theirs under their names until they end', async () => {
  {
    await using cpu = openCpuWorkers({ ...settings, youngGenerationBytes: 3 * MIB }, { clock: systemClock, tasks });
    const mine = () => gcOfThreads().filter(({ name }) => name.startsWith('cpu-'));
    while (mine().length < 2 || mine().some(({ count }) => count < 20)) {
      await Promise.all([1, 2, 3, 4].map(() => cpu.run('work as agents do', 500)));
    }
    for (const { busyMs, gcMs, heapAfterBytes } of mine()) {
      expect(busyMs).toBeGreaterThan(0);
      expect(gcMs).toBeGreaterThan(0);
      expect(heapAfterBytes).toBeGreaterThan(MIB);
    }
    expect(heatOfThreads(0, mine()[0]!.name).length).toBeGreaterThan(0);
  }
  expect(gcOfThreads().filter(({ name }) => name.startsWith('cpu-'))).toEqual([]);
});

test('the tuner moves real threads that collect too often to a larger young generation, and no task is lost', async () => {
  const config = { ...settings, youngGenerationBytes: 3 * MIB };
  await using cpu = openCpuWorkers(config, { clock: systemClock, tasks });
  let youngBytes = config.youngGenerationBytes;
  const steps: TunerStep[] = [];
  const { promise: moved, resolve } = Promise.withResolvers<void>();
  using _tuner = new YoungTuner(
    {
      clock: systemClock,
      threads: () => gcOfThreads().filter(({ name }) => name.startsWith('cpu-')),
      youngBytes: () => youngBytes,
      async apply(bytes) {
        await cpu.reconfigure({ ...config, youngGenerationBytes: bytes });
        youngBytes = bytes;
      },
      onStep(step) {
        steps.push(step);
        if (step.kind === 'moved') resolve();
      },
    },
    // Collections take some of the time in any case; no pause is too long.
    {
      ...DEFAULT_TUNER_OPTIONS,
      mode: 'act',
      gcTargetRatio: 0.001,
      pauseTargetMs: 1_000,
      coolDownMs: 0,
      measureMs: 1_000,
      minCollections: 20,
    },
  );
  const moving = new AbortController();
  let asked = 0;
  let done = 0;
  const keepBusy = async (): Promise<void> => {
    while (!moving.signal.aborted) {
      asked += 200;
      const worked = await cpu.run<number>('work as agents do', 200);
      done += worked;
    }
  };
  const busy = [1, 2, 3, 4].map(keepBusy);
  await moved;
  moving.abort();
  await Promise.all(busy);
  expect(done).toBe(asked);
  expect(steps[0]).toMatchObject({ kind: 'moved', fromBytes: 3 * MIB, toBytes: 6 * MIB });
  expect(steps[0]!.why).toContain('the young generation goes from 3 MB to 6 MB, so that there are fewer collections');
  await Promise.all([1, 2, 3, 4].map(() => cpu.run('work as agents do', 10)));
  const limits = cpu
    .stats()
    .filter(({ heapLimitBytes }) => heapLimitBytes > 0)
    .map(({ heapLimitBytes }) => heapLimitBytes);
  expect(limits.length).toBeGreaterThan(0);
  expect(new Set(limits)).toEqual(new Set([toHeapLimitBytes(config.oldGenerationBytes, 6 * MIB)]));
});
