import { expect, test } from 'vitest';
import { openCpuWorkers, type CpuWorkers, type CpuWorkersOptions } from '../../../runtime/workers/cpu-lane.ts';
import { threads } from '../../../runtime/workers/thread-table.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { errorOf } from '../../support/error-of.ts';
import { holder } from '../../support/threads/holder.ts';

const MB = 1024 * 1024;
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

test('runs named tasks in threads and answers with what they return', async () => {
  await using cpu = open();
  const hold = holder();
  const held = [1, 2].map(() => cpu.run('wait for', hold.input));
  await hold.started(2);
  hold.letGo();
  await Promise.all(held);
  await expect(Promise.all([cpu.run('add', [1, 2, 3]), cpu.run('add later', [4, 5])])).resolves.toEqual([6, 9]);
  const stats = cpu.stats();
  expect(new Set(stats.map(({ name }) => name))).toEqual(new Set(['cpu-1', 'cpu-2']));
  expect(stats.reduce((sum, { completed }) => sum + completed, 0)).toBe(4);
  for (const { heapUsedBytes, heapLimitBytes } of stats) {
    expect(heapUsedBytes).toBeGreaterThan(MB);
    expect(heapLimitBytes).toBeGreaterThanOrEqual(64 * MB);
  }
});

test('an AppError crosses with its code, message and details, any other error as INTERNAL', async () => {
  await using cpu = open();
  await expect(cpu.run('refuse', '/nowhere')).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: 'There is no /nowhere.',
    details: { path: '/nowhere' },
  });
  await expect(cpu.run('break', undefined)).rejects.toMatchObject({ code: 'INTERNAL', message: 'not a function' });
  await expect(cpu.run('no such task', undefined)).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('a deadline ends a thread that spins, and the next task gets a new one', async () => {
  await using cpu = open({ maxWorkers: 1 });
  await cpu.run('add', []);
  await expect(cpu.run('spin', undefined, { deadlineMs: 100 })).rejects.toMatchObject({ code: 'TASK_TIMED_OUT' });
  await expect(cpu.run('add', [1, 1])).resolves.toBe(2);
});

test('a signal ends the task it belongs to and no other', async () => {
  await using cpu = open();
  const hold = holder();
  const other = cpu.run('wait for', hold.input);
  const controller = new AbortController();
  const spinning = errorOf(cpu.run('spin', undefined, { signal: controller.signal }));
  await hold.started(1);
  controller.abort();
  expect(await spinning).toMatchObject({ code: 'TASK_CANCELLED' });
  await expect(cpu.run('add', [1], { signal: controller.signal })).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  hold.letGo();
  await expect(other).resolves.toBe('released');
});

test('a thread that exits loses its task and is replaced', async () => {
  await using cpu = open({ maxWorkers: 1 });
  await expect(cpu.run('exit', undefined)).rejects.toMatchObject({ code: 'WORKER_LOST' });
  await expect(cpu.run('add', [1])).resolves.toBe(1);
});

test('a task that outgrows the heap limit is told the limit, and this process lives on', async () => {
  await using cpu = open({ maxWorkers: 1, oldGenerationBytes: 32 * MB });
  await expect(cpu.run('fill the heap', undefined)).rejects.toMatchObject({
    code: 'WORKER_OUT_OF_MEMORY',
    message: expect.stringContaining('32 MB') as string,
  });
  await expect(cpu.run('add', [1])).resolves.toBe(1);
});

test('no more tasks run at once than there are workers; the others wait, within their deadline', async () => {
  await using cpu = open();
  const hold = holder();
  const running = [1, 2].map(() => cpu.run('wait for', hold.input));
  await hold.started(2);
  const waiting = cpu.run('add', [3]);
  await expect(cpu.run('add', [4], { deadlineMs: 20 })).rejects.toMatchObject({ code: 'TASK_TIMED_OUT' });
  expect(Atomics.load(hold.input, 1)).toBe(2);
  hold.letGo();
  await expect(Promise.all([...running, waiting])).resolves.toEqual(['released', 'released', 3]);
});

test('new limits reach every thread without losing what runs or waits', async () => {
  await using cpu = open({ maxWorkers: 1 });
  const hold = holder();
  const running = cpu.run('wait for', hold.input);
  const waiting = [1, 2, 3].map((number) => cpu.run('add', [number]));
  await hold.started(1);
  const before = cpu.stats()[0]!.heapLimitBytes;
  const changed = cpu.reconfigure({ ...settings, maxWorkers: 2, oldGenerationBytes: 128 * MB });
  hold.letGo();
  await expect(Promise.all([running, ...waiting])).resolves.toEqual(['released', 1, 2, 3]);
  await changed;
  for (const { heapLimitBytes } of cpu.stats()) expect(heapLimitBytes).toBeGreaterThan(before + 50 * MB);
});

test('fewer workers let the surplus finish and then end', async () => {
  await using cpu = open();
  const hold = holder();
  const running = [1, 2].map(() => cpu.run('wait for', hold.input));
  await hold.started(2);
  const changed = cpu.reconfigure({ ...settings, maxWorkers: 1 });
  hold.letGo();
  await Promise.all([...running, changed]);
  expect(cpu.stats()).toHaveLength(1);
});

test('limits out of bounds are refused and change nothing', async () => {
  expect(() => open({ maxWorkers: 0 })).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
  await using cpu = open();
  await expect(cpu.reconfigure({ ...settings, oldGenerationBytes: MB })).rejects.toMatchObject({
    code: 'SETTING_INVALID',
  });
  await expect(cpu.run('add', [1])).resolves.toBe(1);
});

test('disposing ends every thread, also one that spins, and refuses what is left', async () => {
  const cpu = open({ maxWorkers: 1 });
  await cpu.run('add', [1]);
  const spinning = errorOf(cpu.run('spin', undefined));
  const waiting = errorOf(cpu.run('add', [1]));
  await cpu[Symbol.asyncDispose]();
  expect(await spinning).toMatchObject({ code: 'LANE_CLOSED' });
  expect(await waiting).toMatchObject({ code: 'LANE_CLOSED' });
  await expect(cpu.run('add', [1])).rejects.toMatchObject({ code: 'LANE_CLOSED' });
  expect(threads()).toEqual([]);
});
