import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors/app-error.ts';
import { openCpuWorkers, type CpuWorkers, type CpuWorkersOptions } from '../../../runtime/workers/cpu-lane.ts';
import { errorOf } from '../../support/error-of.ts';
import { manualClock, settleMicrotasks, type ManualClock } from '../../support/manual-clock.ts';
import { SimulatedThreads, type SimulatedKind, type SimulatedThread } from '../../support/threads/simulated-threads.ts';

const MB = 2 ** 20;

interface Bench {
  readonly cpu: CpuWorkers;
  readonly clock: ManualClock;
  readonly threads: SimulatedThreads;
  /** Heap limits of the threads, in the order in which they were opened. */
  readonly opened: number[];
  options: CpuWorkersOptions;
  change(options: Partial<CpuWorkersOptions>): Promise<void>;
  run(kind: SimulatedKind, isRepeatable?: boolean): Promise<unknown>;
  /** Lets threads and owner go on until nothing moves; tasks that stay do stay. */
  settle(): Promise<void>;
}

function open(options: Partial<CpuWorkersOptions> = {}): Bench {
  const clock = manualClock();
  const threads = new SimulatedThreads(() => clock.monoMs());
  const opened: number[] = [];
  threads.onOpen = ({ oldGenerationBytes }) => void opened.push(oldGenerationBytes / MB);
  const first: CpuWorkersOptions = {
    maxWorkers: 2,
    oldGenerationBytes: 64 * MB,
    youngGenerationBytes: 4 * MB,
    idleTimeoutMs: 1_000,
    ...options,
  };
  const cpu = openCpuWorkers(first, { clock, tasks: new URL('file:///simulated.ts'), openLink: threads.open });
  let id = 0;
  return {
    cpu,
    clock,
    threads,
    opened,
    options: first,
    change(more) {
      this.options = { ...this.options, ...more };
      return cpu.reconfigure(this.options);
    },
    run: (kind, isRepeatable = false) => cpu.run(kind, { id: id++, kind }, { isRepeatable }),
    async settle() {
      for (let turn = 0; turn < 20; turn++) {
        for (const thread of threads.live) {
          thread.step();
          thread.deliver();
        }
        await settleMicrotasks();
      }
    },
  };
}

function live(bench: Bench): SimulatedThread[] {
  return [...bench.threads.live];
}

/** Lets the tasks of threads end that are on their way out. */
function releaseDraining(bench: Bench): void {
  const names = new Set(bench.cpu.stats().flatMap(({ name, state }) => (state === 'draining' ? [name] : [])));
  for (const thread of live(bench)) if (names.has(thread.start.name)) thread.release();
}

async function close(bench: Bench): Promise<void> {
  const closing = bench.cpu[Symbol.asyncDispose]();
  for (const thread of live(bench)) thread.step();
  await closing;
}

test('of new heap limits two older ones drain at most, and what is asked for meanwhile comes true only in its last form', async () => {
  const bench = open({ maxWorkers: 3 });
  const held = [1, 2, 3].map(() => bench.run('stay'));
  await bench.settle();
  const changes = [bench.change({ oldGenerationBytes: 65 * MB })];
  await bench.settle();
  held.push(bench.run('stay'));
  await bench.settle();
  releaseDraining(bench);
  await bench.settle();
  changes.push(bench.change({ oldGenerationBytes: 66 * MB }));
  await bench.settle();
  releaseDraining(bench);
  await bench.settle();
  expect(new Set(live(bench).map(({ start }) => start.oldGenerationBytes / MB))).toEqual(new Set([64, 65, 66]));
  expect(bench.cpu.state()).toMatchObject({ draining: { editions: 2 }, isLimitWaiting: false });
  for (const mb of [67, 68, 69]) changes.push(bench.change({ oldGenerationBytes: mb * MB }));
  await bench.settle();
  expect(bench.cpu.state()).toMatchObject({
    wanted: { oldGenerationBytes: 69 * MB },
    draining: { editions: 2 },
    isLimitWaiting: true,
  });
  for (let turn = 0; turn < 10; turn++) {
    for (const thread of live(bench)) thread.release();
    await bench.settle();
  }
  await Promise.all([...held, ...changes]);
  expect(bench.cpu.state()).toMatchObject({ draining: { workers: 0, editions: 0 }, isLimitWaiting: false });
  expect(new Set(bench.opened)).toEqual(new Set([64, 65, 66, 69]));
  await close(bench);
});

test('new limits replace one thread after the other, each only when its replacement is ready', async () => {
  const bench = open();
  const held = [1, 2].map(() => bench.run('stay'));
  await bench.settle();
  const changed = bench.change({ oldGenerationBytes: 128 * MB });
  await bench.settle();
  expect(bench.opened).toEqual([64, 64, 128]);
  expect(
    bench.cpu
      .stats()
      .map(({ state }) => state)
      .toSorted(),
  ).toEqual(['draining', 'ready', 'ready']);
  releaseDraining(bench);
  await bench.settle();
  expect(bench.opened).toEqual([64, 64, 128, 128]);
  for (const thread of live(bench)) thread.release();
  await bench.settle();
  await Promise.all([...held, changed]);
  expect(live(bench).map(({ start }) => start.oldGenerationBytes / MB)).toEqual([128, 128]);
  await close(bench);
});

test('a thread on its way out counts: none is opened beside it above the ceiling', async () => {
  const bench = open({ maxWorkers: 1, externalBytes: 16 * MB });
  const staying = bench.run('stay');
  await bench.settle();
  live(bench)[0]!.externalBytes = 40 * MB;
  const waiting = bench.run('answer');
  const failed = errorOf(staying);
  await bench.clock.advance(110);
  expect(bench.opened).toHaveLength(1);
  await bench.settle();
  expect(await failed).toMatchObject({ code: 'WORKER_OUT_OF_MEMORY' });
  await expect(waiting).resolves.toBe(1);
  expect(bench.opened).toHaveLength(2);
  await close(bench);
});

test('growing takes threads on again that were to end, and opens none in their place', async () => {
  const bench = open({ maxWorkers: 3 });
  const held = [1, 2, 3].map(() => bench.run('stay'));
  await bench.settle();
  const shrunk = bench.change({ maxWorkers: 1 });
  expect(bench.cpu.state().draining.workers).toBe(2);
  const more = bench.run('answer');
  const grown = bench.change({ maxWorkers: 3 });
  await bench.settle();
  expect(bench.cpu.state().draining.workers).toBeLessThan(2);
  for (const thread of live(bench)) thread.release();
  await bench.settle();
  await Promise.all([...held, more, shrunk, grown]);
  expect(bench.opened).toHaveLength(3);
  await close(bench);
});

test('idle threads end after their time, except those that are kept', async () => {
  const bench = open({ maxWorkers: 3, minWorkers: 1 });
  const held = [1, 2, 3].map(() => bench.run('stay'));
  await bench.settle();
  for (const thread of live(bench)) thread.release();
  await bench.settle();
  await Promise.all(held);
  await bench.clock.advance(999);
  await bench.settle();
  expect(live(bench)).toHaveLength(3);
  await bench.clock.advance(1_001);
  await bench.settle();
  expect(live(bench)).toHaveLength(1);
  await close(bench);
});

test('threads that never start are tried three times, and again for the next task', async () => {
  const bench = open({ maxWorkers: 1 });
  bench.threads.onOpen = () => void bench.opened.push(0);
  const failing = bench.run('answer');
  const failed = errorOf(failing);
  await settleMicrotasks();
  for (let time = 0; time < 3; time++) {
    for (const thread of live(bench)) {
      thread.crash(new AppError('WORKER_LOST', 'no room'));
      thread.step();
    }
    await settleMicrotasks();
  }
  expect(await failed).toMatchObject({
    code: 'WORKER_LOST',
    message: expect.stringContaining('do not start') as string,
  });
  expect(bench.opened).toHaveLength(3);
  const next = bench.run('answer');
  await bench.settle();
  await expect(next).resolves.toBe(1);
  await close(bench);
});

test('a full queue refuses at once and says when to come back', async () => {
  const bench = open({ maxWorkers: 1, queueCapacity: 2 });
  const taken = [bench.run('answer'), bench.run('answer')];
  await expect(bench.run('answer')).rejects.toMatchObject({
    code: 'LANE_SATURATED',
    details: { retryAfterMs: expect.any(Number) as number },
  });
  await bench.settle();
  await expect(Promise.all(taken)).resolves.toEqual([0, 1]);
  await close(bench);
});

test('what is no deadline is refused', async () => {
  const bench = open();
  for (const deadlineMs of [-1, Number.NaN, 2 ** 40])
    await expect(bench.cpu.run('answer', {}, { deadlineMs })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await close(bench);
});
