import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemClock } from '../../../runtime/time/clock.ts';
import { openCpuWorkers, type CpuWorkers, type CpuWorkersOptions } from '../../../runtime/workers/cpu-lane.ts';
import type { OpenLink } from '../../../runtime/workers/cpu/thread-link.ts';
import { errorOf } from '../../support/error-of.ts';
import { holder } from '../../support/threads/holder.ts';

const MB = 2 ** 20;
const tasks = new URL('../../support/threads/tasks.ts', import.meta.url);
const settings: CpuWorkersOptions = {
  maxWorkers: 2,
  oldGenerationBytes: 64 * MB,
  youngGenerationBytes: 4 * MB,
  idleTimeoutMs: 60_000,
};

function open(options: Partial<CpuWorkersOptions> = {}): CpuWorkers {
  return openCpuWorkers({ ...settings, ...options }, { clock: systemClock, tasks });
}

/** Threads of this process that the system knows by the name of a cpu thread. */
function countedFromOutside(): number {
  return readdirSync('/proc/self/task').filter((id) => {
    try {
      return /^cpu-\d+$/.test(readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim());
    } catch {
      return false;
    }
  }).length;
}

/** A thread that ends before it is ready. */
const openBrokenThread: OpenLink = () => ({
  post: () => {},
  onMessage: () => {},
  onEnd: (listener) => void setImmediate(() => listener(new Error('no room for another thread'))),
  receive: () => undefined,
  keepAlive: () => {},
  kill: () => {},
  readMemory: () => Promise.reject(new Error('ended')),
});

test('a repeatable task is run again when its thread dies, another is not', async () => {
  await using cpu = open({ maxWorkers: 1 });
  const notes = new Int32Array(new SharedArrayBuffer(4));
  await expect(cpu.run('exit unless noted', notes, { isRepeatable: true })).resolves.toBe('second time');
  expect(notes[0]).toBe(2);
  const others = new Int32Array(new SharedArrayBuffer(4));
  await expect(cpu.run('exit unless noted', others)).rejects.toMatchObject({ code: 'WORKER_LOST' });
  expect(others[0]).toBe(1);
});

test('a repeatable task that ended two threads is refused as poison', async () => {
  await using cpu = open({ maxWorkers: 1 });
  const notes = new Int32Array(new SharedArrayBuffer(4));
  await expect(cpu.run('note and exit', notes, { isRepeatable: true })).rejects.toMatchObject({
    code: 'TASK_POISONED',
    message: expect.stringContaining('note and exit') as string,
  });
  expect(notes[0]).toBe(2);
  await expect(cpu.run('add', [1])).resolves.toBe(1);
  expect(cpu.state().counts).toMatchObject({ lostThreads: 2, repeated: 1 });
});

test('the death of a thread fails the task that it ran and none that it was sent with it', async () => {
  await using cpu = open({ maxWorkers: 1 });
  await cpu.run('add', [1]);
  const notes = new Int32Array(new SharedArrayBuffer(4));
  await cpu.run('note', notes);
  const all = Array.from({ length: 20 }, (_, index) =>
    index === 5 ? errorOf(cpu.run('exit', undefined)) : cpu.run('note', notes),
  );
  const ends = await Promise.all(all);
  expect(ends[5]).toMatchObject({ code: 'WORKER_LOST' });
  expect(ends.filter((end) => typeof end === 'number')).toHaveLength(19);
  expect(notes[0]).toBe(20);
});

test('a task whose heap is full fails with the limit, and the others go on', async () => {
  await using cpu = open({ oldGenerationBytes: 32 * MB });
  const full = errorOf(cpu.run('fill the heap', undefined));
  const others = Array.from({ length: 50 }, (_, index) => cpu.run<number>('add', [index]));
  expect(await full).toMatchObject({ code: 'WORKER_OUT_OF_MEMORY', details: { oldGenerationBytes: 32 * MB } });
  expect(await Promise.all(others)).toEqual(Array.from({ length: 50 }, (_, index) => index));
});

test('an input that is larger than the heap ends threads twice at most, and fails alone', async () => {
  await using cpu = open({ maxWorkers: 1, oldGenerationBytes: 32 * MB });
  await cpu.run('add', [1]);
  // In small pieces: V8 ends the whole process for a single one that is 16 MB above a thread's limit.
  const huge = Array.from({ length: 1_200_000 }, (_, index) => ({ index: index + 0.5 }));
  const before = cpu.run('add', [1]);
  const failing = errorOf(cpu.run('echo', huge));
  const after = Array.from({ length: 20 }, (_, index) => cpu.run('add', [index]));
  expect(await failing).toMatchObject({ code: 'WORKER_OUT_OF_MEMORY' });
  expect(await before).toBe(1);
  expect(await Promise.all(after)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(cpu.state().counts.lostThreads).toBeLessThanOrEqual(2);
});

test('a task goes to the thread that was less busy of late', async () => {
  await using cpu = open({ minWorkers: 2 });
  await expect
    .poll(() => cpu.stats().map((one) => one.state === 'ready' && one.utilisationRatio < 0.2), { timeout: 20_000 })
    .toEqual([true, true]);
  const first = await cpu.run('thread id', undefined);
  await cpu.run('busy for', 600);
  await expect(cpu.run('thread id', undefined)).resolves.not.toBe(first);
});

test('a task that fills memory outside the heap is ended at the limit while it spins', async () => {
  await using cpu = open({ maxWorkers: 1, externalBytes: 64 * MB });
  await expect(cpu.run('fill with bytes', undefined)).rejects.toMatchObject({
    code: 'WORKER_OUT_OF_MEMORY',
    message: expect.stringContaining('64 MB outside its heap') as string,
  });
  await expect(cpu.run('add', [1])).resolves.toBe(1);
});

test('a thread in which tasks leave buffers behind is replaced without failing any', async () => {
  await using cpu = open({ maxWorkers: 1, externalBytes: 64 * MB });
  const counts: number[] = [];
  for (let index = 0; index < 40; index++) {
    counts.push(await cpu.run<number>('keep bytes', 4 * MB));
    await cpu.run('busy for', 10);
  }
  // A new thread begins to count anew.
  expect(Math.max(...counts)).toBeLessThan(40);
  expect(cpu.state().counts.lostThreads).toBe(0);
});

test('figures of a thread can be read while it spins', async () => {
  await using cpu = open({ maxWorkers: 1 });
  await cpu.run('add', [1]);
  const controller = new AbortController();
  const spinning = errorOf(cpu.run('busy for', 60_000, { signal: controller.signal }));
  await expect
    .poll(() => cpu.stats()[0], { timeout: 10_000 })
    .toMatchObject({ name: 'cpu-1', held: 1, state: 'ready', completed: 1 });
  await expect.poll(() => cpu.stats()[0]!.utilisationRatio, { timeout: 10_000 }).toBeGreaterThan(0.9);
  const [stats] = cpu.stats();
  expect(stats!.heapUsedBytes).toBeGreaterThan(MB);
  expect(stats!.heapLimitBytes).toBeGreaterThan(64 * MB);
  controller.abort();
  expect(await spinning).toMatchObject({ code: 'TASK_CANCELLED' });
  await expect(cpu.run('add', [2])).resolves.toBe(2);
});

test('a cancelled task that ends soon keeps its thread', async () => {
  await using cpu = open({ maxWorkers: 1 });
  const id = await cpu.run('thread id', undefined);
  const controller = new AbortController();
  const hold = holder();
  const cancelled = errorOf(cpu.run('wait for', hold.input, { signal: controller.signal }));
  await hold.started(1);
  controller.abort();
  expect(await cancelled).toMatchObject({ code: 'TASK_CANCELLED' });
  hold.letGo();
  await expect(cpu.run('thread id', undefined)).resolves.toBe(id);
});

test('what waits behind a long task in the same message is given to another thread', async () => {
  await using cpu = open({ minWorkers: 2 });
  const warm = holder();
  const both = [1, 2].map(() => cpu.run('wait for', warm.input));
  await warm.started(2);
  warm.letGo();
  await Promise.all(both);
  // So that they are thought to be short and go together.
  for (let index = 0; index < 50; index++) await cpu.run('busy for', 0);
  const long = cpu.run('busy for', 1_500);
  const short = Array.from({ length: 100 }, () => cpu.run('busy for', 0));
  let isLongOver = false;
  void long.then(() => (isLongOver = true));
  await Promise.all(short);
  expect(isLongOver).toBe(false);
  await long;
  expect(cpu.state().counts.stolen).toBeGreaterThan(0);
});

test('an answer that was written before a long task of the same message does not wait for it', async () => {
  await using cpu = open({ maxWorkers: 1 });
  for (let index = 0; index < 50; index++) await cpu.run('busy for', 0);
  let isLongOver = false;
  const short = cpu.run('busy for', 0);
  const long = cpu.run('busy for', 1_500).then(() => (isLongOver = true));
  await short;
  expect(isLongOver).toBe(false);
  await long;
});

test('large binary answers are handed over, also inside an object, and parts are copied alone', async () => {
  await using cpu = open({ maxWorkers: 1 });
  const bytes = await cpu.run<Uint8Array>('make bytes', 3 * MB);
  expect(bytes).toBeInstanceOf(Uint8Array);
  expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([3 * MB, 7, 7]);
  const { name, bytes: inside } = await cpu.run<{ name: string; bytes: Uint8Array }>('make bytes inside', 2 * MB);
  expect([name, inside.length, inside.at(-1)]).toEqual(['inside', 2 * MB, 7]);
  const part = await cpu.run<Uint8Array>('make part of bytes', MB);
  expect(part.length).toBe(MB);
});

test('every kind of value comes back as it was', async () => {
  await using cpu = open({ maxWorkers: 1 });
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const values: unknown[] = [
    undefined,
    null,
    true,
    false,
    0,
    -0,
    -1,
    2 ** 31,
    0.1,
    Number.NaN,
    10n ** 30n,
    '',
    'plain',
    'größer als ASCII: 🚢',
    '\u{d800} half of a pair',
    'x'.repeat(300_000),
    'ü'.repeat(100_000),
    { list: [1, 'two', { three: 3 }], date: new Date(0) },
    new Map([[1, new Set(['a'])]]),
    Array.from({ length: 50_000 }, (_, index) => ({ index })),
    new Uint8Array([1, 2, 3]),
    new Float64Array([0.5]),
  ];
  expect(await Promise.all(values.map((value) => cpu.run('echo', value)))).toStrictEqual(values);
  const back = await cpu.run<Int32Array>('echo', shared);
  Atomics.store(back, 0, 42);
  expect(shared[0]).toBe(42);
});

test('what cannot be cloned fails alone, on the way in and out', async () => {
  await using cpu = open({ maxWorkers: 1 });
  await cpu.run('add', [1]);
  const all = [cpu.run('add', [1]), errorOf(cpu.run('echo', () => {})), cpu.run('add', [2])];
  expect(await Promise.all(all)).toMatchObject([1, { code: 'INTERNAL' }, 2]);
  await expect(cpu.run('echo unknown', 1)).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(cpu.run('add', [3])).resolves.toBe(3);
});

test.runIf(process.platform === 'linux')('threads are counted from outside as they grow and shrink', async () => {
  await using cpu = open({ maxWorkers: 2, minWorkers: 2 });
  await expect.poll(countedFromOutside, { timeout: 20_000 }).toBe(2);
  await cpu.reconfigure({ ...settings, maxWorkers: 5, minWorkers: 5 });
  await expect.poll(countedFromOutside, { timeout: 20_000 }).toBe(5);
  await cpu.reconfigure({ ...settings, maxWorkers: 1, minWorkers: 1 });
  await expect.poll(countedFromOutside, { timeout: 20_000 }).toBe(1);
});

test('new heap limits are measured inside the threads, while a task of the old ones is let finish', async () => {
  await using cpu = open({ maxWorkers: 1 });
  const before = await cpu.run<number>('measure heap', undefined);
  const hold = holder();
  const held = cpu.run('wait for', hold.input);
  await hold.started(1);
  const changed = cpu.reconfigure({ ...settings, maxWorkers: 1, oldGenerationBytes: 256 * MB });
  const after = cpu.run<number>('measure heap', undefined);
  expect(await after).toBeGreaterThan(before + 150 * MB);
  expect(cpu.state().draining).toEqual({ workers: 1, editions: 1 });
  hold.letGo();
  await expect(held).resolves.toBe('released');
  await changed;
  expect(cpu.state()).toMatchObject({ draining: { workers: 0, editions: 0 }, effective: { workers: 1 } });
});

test('a thread that does not start fails what waits instead of trying for ever', async () => {
  await using cpu = openCpuWorkers(settings, {
    clock: systemClock,
    tasks,
    openLink: openBrokenThread,
  });
  await expect(cpu.run('add', [1])).rejects.toMatchObject({ code: 'WORKER_LOST' });
});
