import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SettingValues } from '../../../../main/settings/settings.ts';
import type { MemoryReader } from '../../../../runtime/memory/gate/memory-reading.ts';
import { threadBuffers } from '../../../../runtime/memory/pools/thread-buffers.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import { fleetOf, openModelServer } from './model-server.ts';
import type { Observations } from './observation.ts';
import { until } from './until.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Memory as a test says it is; counts how often it is looked at. */
class SaidMemory implements MemoryReader {
  availableBytes = 8 * GIB;
  pressureRatio = 0;
  looks = 0;

  read() {
    this.looks++;
    const { availableBytes, pressureRatio } = this;
    return { availableBytes, totalBytes: 16 * GIB, pressureRatio, of: 'machine' as const };
  }
}

interface Scene extends AsyncDisposable {
  readonly test: TestPlane;
  readonly memory: SaidMemory;
  /** Resolves when so many agents of a fleet of ten that has just been launched ask, and the others wait for memory. */
  asking(count: number): Promise<void>;
}

/** Short below 1 GiB, looked at often, free again at once. */
const QUICK: SettingValues = {
  'memory.minAvailableBytes': GIB,
  'memory.settleMs': 0,
  'memory.lookEveryMs': 50,
  'provider.maxConnections': 100,
};

async function openScene(values: SettingValues, memory = new SaidMemory()): Promise<Scene> {
  await using opening = new AsyncDisposableStack();
  const model = opening.use(await openModelServer());
  const test = opening.use(await openTestPlane({ ...QUICK, ...values }, [], { memoryReader: memory }));
  const owned = opening.move();
  return {
    test,
    memory,
    async asking(count) {
      const run = await test.launch(fleetOf(model, { count: 10 }));
      const held = (): number => test.gate.explain(run.runId).filter(({ reason }) => reason === 'memory').length;
      await until(() => expect([model.waiting.length, held()]).toEqual([count, 10 - count]));
      model.waiting.length = 0;
      await test.plane.fleets.stop(run.runId, 0);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const levelOf = ({ test }: Scene): string => test.plane.memory().gate.level;
const untilLevel = (scene: Scene, level: string): Promise<void> => until(() => expect(levelOf(scene)).toBe(level));

/** Resolves after so many more looks. */
async function untilLooked({ memory }: Scene, count: number): Promise<void> {
  const before = memory.looks;
  await until(() => expect(memory.looks).toBeGreaterThanOrEqual(before + count));
}

async function observeMode(): Promise<void> {
  await using scene = await openScene({});
  await scene.asking(10);
  scene.memory.availableBytes = GIB / 2;
  await untilLevel(scene, 'short');
  await scene.asking(1);
  await scene.test.set({ 'memory.gate': 'refuse' });
  await untilLevel(scene, 'short');
  {
    // The one place that is kept for what must go on.
    using _taken = await scene.test.gate.acquire('run:all', { owner: 'test' });
    await expect(scene.asking(1)).rejects.toMatchObject({ code: 'MEMORY_SHORT', retryable: true });
  }
  await scene.test.set({ 'memory.gate': 'off' });
  await scene.asking(10);
}

async function observeAvailable(): Promise<void> {
  await using scene = await openScene({});
  scene.memory.availableBytes = 3 * GIB;
  await scene.asking(10);
  await scene.test.set({ 'memory.minAvailableBytes': 4 * GIB });
  await untilLevel(scene, 'short');
  await scene.asking(1);
  await scene.test.set({ 'memory.minAvailableBytes': 0 });
  await untilLevel(scene, 'open');
  await scene.asking(10);
}

async function observePressure(): Promise<void> {
  await using scene = await openScene({ 'memory.maxPressureRatio': 0.5 });
  scene.memory.pressureRatio = 0.3;
  await untilLooked(scene, 2);
  await scene.asking(10);
  await scene.test.set({ 'memory.maxPressureRatio': 0.2 });
  await untilLevel(scene, 'short');
  await scene.asking(1);
  await scene.test.set({ 'memory.maxPressureRatio': 1 });
  await untilLevel(scene, 'open');
  await scene.asking(10);
}

/** 3 GiB of 1 GiB are enough again, or not. */
async function observeResume(): Promise<void> {
  await using scene = await openScene({ 'memory.resumeRatio': 4 });
  scene.memory.availableBytes = GIB / 2;
  await untilLevel(scene, 'short');
  scene.memory.availableBytes = 3 * GIB;
  await untilLooked(scene, 4);
  expect(levelOf(scene)).toBe('short');
  await scene.test.set({ 'memory.resumeRatio': 2 });
  await untilLevel(scene, 'open');
}

async function observeSettling(): Promise<void> {
  await using scene = await openScene({ 'memory.settleMs': 600_000 });
  scene.memory.availableBytes = GIB / 2;
  await untilLevel(scene, 'short');
  scene.memory.availableBytes = 8 * GIB;
  await untilLooked(scene, 4);
  expect(levelOf(scene)).toBe('short');
  await scene.test.set({ 'memory.settleMs': 0 });
  await untilLevel(scene, 'open');
}

/** Looks in the time of another plane's ten. */
async function observeLooks(): Promise<void> {
  await using often = await openScene({ 'memory.lookEveryMs': 50 });
  await using seldom = await openScene({ 'memory.lookEveryMs': 60_000 });
  const before = seldom.memory.looks;
  await untilLooked(often, 10);
  expect(seldom.memory.looks - before).toBeLessThanOrEqual(1);
  await seldom.test.set({ 'memory.lookEveryMs': 50 });
  await untilLooked(seldom, 10);
}

async function observeFloor(): Promise<void> {
  await using scene = await openScene({ 'memory.floorRunning': 3 });
  scene.memory.availableBytes = GIB / 2;
  await untilLevel(scene, 'short');
  await scene.asking(3);
  await scene.test.set({ 'memory.floorRunning': 6 });
  await untilLevel(scene, 'short');
  await scene.asking(6);
}

/** What runs hear of their heaps: every heap is above a tenth of its limit, if it is told to warn from there on. */
async function observeHeaps(): Promise<void> {
  await using model = await openModelServer();
  await using test = await openTestPlane({ 'memory.softHeapRatio': 0.99, 'cpu.minWorkers': 1 });
  const run = await test.launch(fleetOf(model));
  const warnings = async (): Promise<readonly string[]> => {
    await test.plane.history.flush();
    const notices = await test.plane.history.reader.notices(run.runId);
    return notices.flatMap(({ text }) => (text.startsWith('The heap of ') ? [text] : []));
  };
  const turn = await model.next();
  expect(await warnings()).toEqual([]);
  await test.set({ 'memory.softHeapRatio': 0.1, 'cpu.oldGenerationBytes': 32 * MIB, 'cpu.youngGenerationBytes': MIB });
  await until(async () => expect((await warnings()).length).toBeGreaterThan(0));
  turn.say('Done.');
  await run.settled;
}

/** Buffers that a tool of the main thread leaves for the next call. */
async function observePool(): Promise<void> {
  await using model = await openModelServer(({ toolOutputs, call, say }) =>
    toolOutputs.length < 2 ? call('read_file', { path: 'note.txt' }) : say('Done.'),
  );
  await using test = await openTestPlane({ 'memory.pooledBytes': 0, 'cache.toolResults.enabled': false });
  await writeFile(join(test.dataDir, 'note.txt'), 'x'.repeat(50_000));
  const read = async (): Promise<number> => {
    const reused = (): number => threadBuffers.stats().classes.reduce((sum, { reusedCount }) => sum + reusedCount, 0);
    const before = reused();
    expect(await (await test.launch(fleetOf(model, { tools: ['read_file'] }))).settled).toMatchObject({
      agentsFailed: 0,
    });
    return reused() - before;
  };
  expect(await read()).toBe(0);
  expect(threadBuffers.stats().idleBytes).toBe(0);
  await test.set({ 'memory.pooledBytes': 8 * MIB });
  expect(await read()).toBeGreaterThan(0);
  expect(threadBuffers.stats().idleBytes).toBeGreaterThan(0);
  await test.set({ 'memory.pooledBytes': 0 });
  expect(threadBuffers.stats().idleBytes).toBe(0);
}

export const memoryObservations: Observations<'memory'> = {
  'memory.gate': observeMode,
  'memory.minAvailableBytes': observeAvailable,
  'memory.maxPressureRatio': observePressure,
  'memory.resumeRatio': observeResume,
  'memory.settleMs': observeSettling,
  'memory.lookEveryMs': observeLooks,
  'memory.floorRunning': observeFloor,
  'memory.softHeapRatio': observeHeaps,
  'memory.pooledBytes': observePool,
};
