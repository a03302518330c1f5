import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { SettingValues } from '../../../../main/settings/settings.ts';
import { toHeapLimitBytes } from '../../../../runtime/memory/heap/generations.ts';
import { openCpuWorkers, type CpuWorkers } from '../../../../runtime/workers/cpu-lane.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import { holder } from '../../../support/threads/holder.ts';
import { observeQueue } from './lanes.ts';
import type { Observations } from './observation.ts';
import { until } from './until.ts';

const MIB = 2 ** 20;
const HOUR_MS = 3_600_000;
const tasks = new URL('../../../support/threads/tasks.ts', import.meta.url);

/** A plane whose threads have the tasks of tests, each reached through the gate like any other. */
interface ThreadScene extends AsyncDisposable {
  readonly test: TestPlane;
  readonly cpu: CpuWorkers;
  run<Output>(name: string, input?: unknown): Promise<Output>;
}

async function openThreadScene(values: SettingValues): Promise<ThreadScene> {
  let cpu: CpuWorkers | undefined;
  const open: typeof openCpuWorkers = (options, parts) => (cpu = openCpuWorkers(options, { ...parts, tasks }));
  const idle = { 'cpu.idleTimeoutMs': HOUR_MS, 'gc.tuner': 'off' };
  const test = await openTestPlane({ ...idle, ...values }, [], { openCpuWorkers: open });
  return {
    test,
    cpu: cpu!,
    run: <Output>(name: string, input?: unknown) => test.gate.submit('cpu', () => cpu!.run<Output>(name, input)),
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

/** Threads of the cpu lane: as the system has them where it tells their names, else as the program counts them. */
function countThreads({ cpu }: ThreadScene): number {
  if (process.platform !== 'linux') return cpu.stats().length;
  const names = readdirSync('/proc/self/task').map((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'utf8');
    } catch {
      return 'ended';
    }
  });
  return names.filter((name) => /^cpu-\d/.test(name)).length;
}

const untilThreads = (scene: ThreadScene, count: number): Promise<void> =>
  until(() => expect(countThreads(scene)).toBe(count));

/** Tasks that run at the same time, each in a thread of its own. */
async function runningAtOnce(scene: ThreadScene, count: number): Promise<AsyncDisposable> {
  const hold = holder();
  const held = Array.from({ length: count }, () => scene.run('wait for', hold.input));
  await hold.started(count);
  return {
    async [Symbol.asyncDispose]() {
      hold.letGo();
      await Promise.all(held);
    },
  };
}

async function observeMost(): Promise<void> {
  await using scene = await openThreadScene({ 'cpu.maxWorkers': 1 });
  const hold = holder();
  const held = Array.from({ length: 6 }, () => scene.run('wait for', hold.input));
  await hold.started(1);
  expect(countThreads(scene)).toBe(1);
  await scene.test.set({ 'cpu.maxWorkers': 3 });
  await hold.started(3);
  expect(countThreads(scene)).toBe(3);
  expect(Atomics.load(hold.input, 1)).toBe(3);
  hold.letGo();
  await Promise.all(held);
  await scene.test.set({ 'cpu.maxWorkers': 1 });
  await untilThreads(scene, 1);
}

async function observeLeast(): Promise<void> {
  await using scene = await openThreadScene({ 'cpu.maxWorkers': 3, 'cpu.idleTimeoutMs': 0 });
  expect(countThreads(scene)).toBe(0);
  await scene.test.set({ 'cpu.minWorkers': 2 });
  await untilThreads(scene, 2);
  await scene.test.set({ 'cpu.minWorkers': 0 });
  await untilThreads(scene, 0);
}

async function observeIdle(): Promise<void> {
  await using scene = await openThreadScene({ 'cpu.maxWorkers': 2 });
  {
    await using _running = await runningAtOnce(scene, 2);
  }
  await scene.run('add', [1]);
  expect(countThreads(scene)).toBe(2);
  await scene.test.set({ 'cpu.idleTimeoutMs': 1 });
  await untilThreads(scene, 0);
  expect(await scene.run('add', [1, 2])).toBe(3);
}

/** With hardly any work one thread is enough. */
async function observeAutoscale(): Promise<void> {
  await using scene = await openThreadScene({ 'cpu.maxWorkers': 3, 'cpu.autoscale': false });
  {
    await using _running = await runningAtOnce(scene, 3);
  }
  expect(countThreads(scene)).toBe(3);
  await scene.test.set({ 'cpu.autoscale': true });
  await untilThreads(scene, 1);
  await scene.test.set({ 'cpu.autoscale': false });
  await using _running = await runningAtOnce(scene, 3);
  expect(countThreads(scene)).toBe(3);
}

/** Messages that the same tasks take, which come at once. */
async function observeGroups(): Promise<void> {
  await using scene = await openThreadScene({ 'cpu.maxWorkers': 1, 'cpu.groupLimit': 1 });
  const messagesOf = async (count: number): Promise<number> => {
    const before = scene.cpu.state().counts.messages;
    await Promise.all(Array.from({ length: count }, (_, n) => scene.cpu.run('add', [n])));
    return scene.cpu.state().counts.messages - before;
  };
  await messagesOf(1);
  expect(await messagesOf(200)).toBe(200);
  await scene.test.set({ 'cpu.groupLimit': 256 });
  expect(await messagesOf(200)).toBeLessThan(100);
}

/** The heap limit that a thread measures of itself, and a task that needs more. */
async function observeHeap(): Promise<void> {
  const young = { 'cpu.youngGenerationBytes': 6 * MIB };
  await using scene = await openThreadScene({ 'cpu.maxWorkers': 1, ...young, 'cpu.oldGenerationBytes': 128 * MIB });
  expect(await scene.run('measure heap')).toBe(toHeapLimitBytes(128 * MIB, 6 * MIB));
  await scene.test.set({ 'cpu.oldGenerationBytes': 32 * MIB });
  await untilMeasured(scene, toHeapLimitBytes(32 * MIB, 6 * MIB));
  await expect(scene.run('fill the heap')).rejects.toMatchObject({
    code: 'WORKER_OUT_OF_MEMORY',
    message: expect.stringContaining('32 MB') as string,
  });
}

async function observeYoung(): Promise<void> {
  const old = { 'cpu.oldGenerationBytes': 64 * MIB };
  await using scene = await openThreadScene({ 'cpu.maxWorkers': 1, ...old, 'cpu.youngGenerationBytes': 3 * MIB });
  expect(await scene.run('measure heap')).toBe(toHeapLimitBytes(64 * MIB, 3 * MIB));
  await scene.test.set({ 'cpu.youngGenerationBytes': 24 * MIB });
  await untilMeasured(scene, toHeapLimitBytes(64 * MIB, 24 * MIB));
}

const untilMeasured = (scene: ThreadScene, bytes: number): Promise<void> =>
  until(async () => expect(await scene.run('measure heap')).toBe(bytes));

/** A task that keeps buffers outside of the heap. */
async function observeExternal(): Promise<void> {
  await using scene = await openThreadScene({ 'cpu.maxWorkers': 1, 'cpu.externalBytes': 256 * MIB });
  expect(await scene.run('keep bytes', 40 * MIB)).toBe(1);
  await scene.test.set({ 'cpu.externalBytes': 16 * MIB });
  await expect(scene.run('fill with bytes')).rejects.toMatchObject({
    code: 'WORKER_OUT_OF_MEMORY',
    message: expect.stringContaining('16 MB') as string,
  });
}

export const threadObservations: Observations<'cpu'> = {
  'cpu.maxWorkers': observeMost,
  'cpu.minWorkers': observeLeast,
  'cpu.autoscale': observeAutoscale,
  'cpu.groupLimit': observeGroups,
  'cpu.queueCapacity': () => observeQueue('cpu', { running: 'cpu.maxWorkers', queue: 'cpu.queueCapacity' }),
  'cpu.oldGenerationBytes': observeHeap,
  'cpu.youngGenerationBytes': observeYoung,
  'cpu.externalBytes': observeExternal,
  'cpu.idleTimeoutMs': observeIdle,
};
