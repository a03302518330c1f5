import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SettingValues } from '../../../../main/settings/settings.ts';
import type { MemoryReader, MemoryReading } from '../../../../runtime/memory/gate/memory-reading.ts';
import { threadBuffers } from '../../../../runtime/memory/pools/thread-buffers.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import { noticesOf } from '../../../support/runs/notices.ts';
import { skippingClock, type SkippingClock } from '../../../support/skipping-clock.ts';
import { HeldWork, settle } from './lanes.ts';
import { fleetOf, openModelServer } from './model-server.ts';
import type { Observations } from './observation.ts';
import { until } from './until.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const HOUR_MS = 3_600_000;
const LOOK_MS = 1_000;

/** Memory as a test says it is, and how often it was looked at. */
class SaidMemory implements MemoryReader {
  availableBytes = 8 * GIB;
  pressureRatio = 0;
  looks = 0;

  read(): MemoryReading {
    this.looks++;
    const { availableBytes, pressureRatio } = this;
    return { availableBytes, totalBytes: 16 * GIB, pressureRatio, of: 'machine' };
  }
}

/** A plane whose memory a test gives and takes, with ten pieces of work that want to start, and whose time a test moves. */
interface Scene extends AsyncDisposable {
  readonly test: TestPlane;
  readonly memory: SaidMemory;
  readonly clock: SkippingClock;
  readonly work: HeldWork;
  /** How many pieces have started, when everything that is ready has gone on. */
  started(): Promise<number>;
}

const COUNT = 10;
const PATIENT: SettingValues = {
  'memory.minAvailableBytes': GIB,
  'memory.settleMs': 0,
  'memory.lookEveryMs': LOOK_MS,
  'provider.requestTimeoutMs': HOUR_MS,
  'provider.stallMs': HOUR_MS,
};

async function openScene(values: SettingValues, said: Partial<SaidMemory>): Promise<Scene> {
  const memory = Object.assign(new SaidMemory(), said);
  const clock = skippingClock();
  const test = await openTestPlane({ ...PATIENT, ...values }, [], { memoryReader: memory, clock });
  const work = new HeldWork(test.gate, 'io');
  await work.submit(COUNT, 'work', { owner: 'run/1' });
  return {
    test,
    memory,
    clock,
    work,
    async started() {
      await settle();
      return work.started.length;
    },
    async [Symbol.asyncDispose]() {
      await work.finishAll();
      await test[Symbol.asyncDispose]();
    },
  };
}

/** Why the work waits that does not run. */
const reasonsOf = ({ test }: Scene): string[] => test.gate.explain('run/1').map(({ reason }) => reason);

/** Moves time on until all of the work runs: a lane starts twice as many at each look after memory has come back. */
async function untilAllRun(scene: Scene): Promise<void> {
  for (let look = 0; look < COUNT; look++) await scene.clock.skip(LOOK_MS);
  expect(await scene.started()).toBe(COUNT);
}

/** Under `wait` launches and work wait, under `refuse` launches are refused while work waits, under `off` all of it starts. */
async function observeGate(): Promise<void> {
  await using model = await openModelServer();
  await using scene = await openScene({}, { availableBytes: GIB / 2 });
  const { test } = scene;
  expect(await scene.started()).toBe(1);
  expect(reasonsOf(scene)).toEqual(Array.from({ length: COUNT - 1 }, () => 'memory'));
  const run = await test.launch(fleetOf(model, { count: 3 }));
  await until(() => expect(model.waiting).toHaveLength(1));
  expect(test.gate.explain(run.runId).map(({ reason }) => reason)).toEqual(['memory', 'memory']);
  await test.set({ 'memory.gate': 'refuse' });
  await expect(test.launch(fleetOf(model))).rejects.toMatchObject({ code: 'MEMORY_SHORT', retryable: true });
  expect([await scene.started(), model.waiting.length]).toEqual([1, 1]);
  await test.set({ 'memory.gate': 'off' });
  expect(await scene.started()).toBe(COUNT);
  await until(() => expect(model.waiting).toHaveLength(3));
  await test.launch(fleetOf(model));
  await until(() => expect(model.waiting).toHaveLength(4));
  await test.set({ 'memory.gate': 'wait' });
  await test.launch(fleetOf(model));
  await scene.work.submit(1);
  expect(await scene.started()).toBe(COUNT);
  expect(model.waiting).toHaveLength(4);
  await test.set({ 'memory.gate': 'off' });
  expect(await scene.started()).toBe(COUNT + 1);
  await until(() => expect(model.waiting).toHaveLength(5));
}

async function observeLeast(): Promise<void> {
  await using scene = await openScene({ 'memory.minAvailableBytes': 4 * GIB }, { availableBytes: 3 * GIB });
  expect(await scene.started()).toBe(1);
  expect(reasonsOf(scene)).toContain('memory');
  await scene.test.set({ 'memory.minAvailableBytes': GIB });
  await untilAllRun(scene);
  await scene.test.set({ 'memory.minAvailableBytes': 4 * GIB });
  await scene.work.submit(1);
  expect(await scene.started()).toBe(COUNT);
  // Without a least, what is available is not looked at.
  scene.memory.availableBytes = 0;
  await scene.test.set({ 'memory.minAvailableBytes': 0 });
  expect(await scene.started()).toBe(COUNT + 1);
}

async function observePressure(): Promise<void> {
  await using scene = await openScene({ 'memory.maxPressureRatio': 0.2 }, { pressureRatio: 0.3 });
  expect(await scene.started()).toBe(1);
  expect(reasonsOf(scene)).toContain('memory');
  await scene.test.set({ 'memory.maxPressureRatio': 0.8 });
  await untilAllRun(scene);
  scene.memory.pressureRatio = 1;
  await scene.clock.skip(LOOK_MS);
  await scene.work.submit(1);
  expect(await scene.started()).toBe(COUNT);
  await scene.test.set({ 'memory.maxPressureRatio': 1 });
  expect(await scene.started()).toBe(COUNT + 1);
}

/** Half as much again as is to stay free is not enough to go on under 2, and enough under 1.25. */
async function observeResume(): Promise<void> {
  await using scene = await openScene({ 'memory.resumeRatio': 2 }, { availableBytes: GIB / 2 });
  scene.memory.availableBytes = 1.5 * GIB;
  await scene.clock.skip(10 * LOOK_MS);
  expect(await scene.started()).toBe(1);
  await scene.test.set({ 'memory.resumeRatio': 1.25 });
  await untilAllRun(scene);
}

async function observeSettling(): Promise<void> {
  const settleMs = 100 * LOOK_MS;
  await using scene = await openScene({ 'memory.settleMs': settleMs }, { availableBytes: GIB / 2 });
  scene.memory.availableBytes = 8 * GIB;
  await scene.clock.skip(settleMs / 2);
  expect(await scene.started()).toBe(1);
  await scene.clock.skip(settleMs / 2 + 2 * LOOK_MS);
  expect(await scene.started()).toBeGreaterThan(1);
  scene.memory.availableBytes = GIB / 2;
  await scene.clock.skip(LOOK_MS);
  const before = await scene.started();
  await scene.work.submit(COUNT);
  expect(await scene.started()).toBe(before);
  scene.memory.availableBytes = 8 * GIB;
  await scene.test.set({ 'memory.settleMs': 0 });
  expect(await scene.started()).toBe(before + 1);
}

/** How long it takes until somebody sees that memory has come back. */
async function observeLooking(): Promise<void> {
  await using scene = await openScene({ 'memory.lookEveryMs': 60_000 }, { availableBytes: GIB / 2 });
  const { memory, clock } = scene;
  memory.availableBytes = 8 * GIB;
  const before = memory.looks;
  await clock.skip(30_000);
  expect([memory.looks - before, await scene.started()]).toEqual([0, 1]);
  await clock.skip(31_000);
  expect(memory.looks - before).toBe(1);
  expect(await scene.started()).toBe(2);
  memory.availableBytes = GIB / 2;
  await scene.test.set({ 'memory.lookEveryMs': 100 });
  const often = memory.looks;
  await clock.skip(10_000);
  expect(memory.looks - often).toBeGreaterThanOrEqual(100);
}

async function observeFloor(): Promise<void> {
  await using scene = await openScene({ 'memory.floorRunning': 2 }, { availableBytes: 0 });
  const programs = new HeldWork(scene.test.gate, 'process');
  await programs.submit(10);
  expect([await scene.started(), programs.started.length]).toEqual([2, 2]);
  await scene.test.set({ 'memory.floorRunning': 4 });
  expect([await scene.started(), programs.started.length]).toEqual([4, 4]);
  await scene.test.set({ 'memory.floorRunning': 1 });
  for (let n = 0; n < 3; n++) await scene.work.finishOne();
  expect(await scene.started()).toBe(4);
  await scene.work.finishOne();
  expect(await scene.started()).toBe(5);
  await programs.finishAll();
}

/** An agent has let a thread with a small heap read much; whether the operator is warned of that thread. */
async function observeSoftLimit(): Promise<void> {
  await using model = await openModelServer();
  const heap = { 'cpu.oldGenerationBytes': 32 * MIB, 'cpu.youngGenerationBytes': MIB, 'cpu.idleTimeoutMs': HOUR_MS };
  await using scene = await openScene({ ...heap, 'memory.softHeapRatio': 0.99 }, {});
  const { test, clock } = scene;
  await writeFile(join(test.dataDir, 'large.ts'), 'export function one(a: number) { return a; }\n'.repeat(1_000));
  const run = await test.launch(fleetOf(model, { tools: ['outline_file'] }));
  (await model.next()).call('outline_file', { path: 'large.ts' });
  const turn = await model.next();
  await clock.skip(10 * LOOK_MS);
  const heapNotices = async (): Promise<string[]> => {
    await clock.skip(LOOK_MS);
    return (await noticesOf(test, run)).filter((text) => text.startsWith('The heap of cpu-'));
  };
  expect(await heapNotices()).toEqual([]);
  await test.set({ 'memory.softHeapRatio': 0.1 });
  await clock.skip(10 * LOOK_MS);
  const [warning, ...more] = await heapNotices();
  expect(warning).toMatch(/^The heap of cpu-1 holds \d+ MB of its 35 MB/);
  expect(more).toEqual([]);
  await test.set({ 'memory.softHeapRatio': 0.99 });
  await clock.skip(LOOK_MS);
  expect(await heapNotices()).toEqual([warning, expect.stringMatching(/^The heap of cpu-1 has left its limit/)]);
  turn.say('Done.');
  expect(await run.settled).toMatchObject({ state: 'done', agentsFailed: 0 });
}

/** What the pool keeps of the buffer that an agent's file was read into, and whether the next read has to make one. */
async function observePool(): Promise<void> {
  const fileBytes = 200 * 1_024;
  await using model = await openModelServer(({ toolOutputs, call, say }) => {
    if (toolOutputs.length === 0) call('read_file', { path: 'note.txt' });
    else say('Done.');
  });
  await using test = await openTestPlane({ 'memory.pooledBytes': MIB });
  await writeFile(join(test.dataDir, 'note.txt'), 'x'.repeat(fileBytes));
  const madeByOneRead = async (): Promise<number> => {
    const made = (): number => threadBuffers.stats().classes.at(-1)!.createdCount;
    const before = made();
    await (
      await test.launch(fleetOf(model, { tools: ['read_file'], cache: { toolResults: false } }))
    ).settled;
    return made() - before;
  };
  await madeByOneRead();
  expect(threadBuffers.stats().idleBytes).toBeGreaterThanOrEqual(fileBytes);
  expect(await madeByOneRead()).toBe(0);
  await test.set({ 'memory.pooledBytes': 0 });
  expect(threadBuffers.stats().idleBytes).toBe(0);
  expect(await madeByOneRead()).toBeGreaterThan(0);
  expect(threadBuffers.stats().idleBytes).toBe(0);
  await test.set({ 'memory.pooledBytes': MIB });
  await madeByOneRead();
  expect(await madeByOneRead()).toBe(0);
}

export const memoryObservations: Observations<'memory'> = {
  'memory.gate': observeGate,
  'memory.minAvailableBytes': observeLeast,
  'memory.maxPressureRatio': observePressure,
  'memory.resumeRatio': observeResume,
  'memory.settleMs': observeSettling,
  'memory.lookEveryMs': observeLooking,
  'memory.floorRunning': observeFloor,
  'memory.softHeapRatio': observeSoftLimit,
  'memory.pooledBytes': observePool,
};
