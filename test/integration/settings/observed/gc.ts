import { expect } from 'vitest';
import type { SettingValues } from '../../../../main/settings/settings.ts';
import { gcOfThreads, type ThreadGc } from '../../../../runtime/memory/gc/gc-threads.ts';
import { toHeapLimitBytes } from '../../../../runtime/memory/heap/generations.ts';
import { GcWindow, type GcFigures } from '../../../../runtime/memory/tuner/gc-window.ts';
import { openCpuWorkers, type CpuWorkers } from '../../../../runtime/workers/cpu-lane.ts';
import type { MemoryStatus } from '../../../../shared/contract/app.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import { skippingClock, type SkippingClock } from '../../../support/skipping-clock.ts';
import type { Garbage } from '../../../support/threads/garbage-tasks.ts';
import type { Observations } from './observation.ts';
import { until } from './until.ts';

const MIB = 2 ** 20;
const OLD_BYTES = 128 * MIB;
const MEASURE_MS = 5_000;
const COLLECTIONS = 70;
/** Little is alive at a time; where that is much, each collection takes milliseconds. */
const GARBAGE: Garbage = { objects: 20_000, kept: 2_000 };
const MUCH_ALIVE: Garbage = { objects: 20_000, kept: 15_000 };
const tasks = new URL('../../../support/threads/garbage-tasks.ts', import.meta.url);

/** One worker thread that makes garbage, and a tuner that looks at it. */
const CALM: SettingValues = {
  'cpu.minWorkers': 1,
  'cpu.maxWorkers': 1,
  'cpu.idleTimeoutMs': 3_600_000,
  'cpu.oldGenerationBytes': OLD_BYTES,
  'memory.gate': 'off',
  'gc.tuner': 'advise',
  'gc.coolDownMs': 0,
  'gc.measureMs': MEASURE_MS,
};
/** Pauses are all right, collections take too much time: what there is of a young generation is too little. */
const WANTS_MORE: SettingValues = { 'gc.pauseTargetMs': 1_000, 'gc.maxShareRatio': 0.001 };
/** Everything is all right: half of it may do as well. */
const WANTS_LESS: SettingValues = { 'gc.pauseTargetMs': 1_000, 'gc.maxShareRatio': 0.9 };

type Advice = MemoryStatus['tuner']['advice'];

interface Load {
  readonly clock: SkippingClock;
  readonly cpu: CpuWorkers;
  readonly garbage: Garbage;
}

/** A plane under a load that a test makes when it needs one, and whose time passes when a test says so. */
class TunedPlane implements AsyncDisposable {
  readonly test: TestPlane;
  readonly #clock: SkippingClock;
  readonly #cpu: CpuWorkers;
  readonly #garbage: Garbage;

  constructor(test: TestPlane, { clock, cpu, garbage }: Load) {
    this.test = test;
    this.#clock = clock;
    this.#cpu = cpu;
    this.#garbage = garbage;
  }

  get tuner(): MemoryStatus['tuner'] {
    return this.test.plane.memory().tuner;
  }

  /** Sizes of the young generation that the tuner has set, oldest first. */
  get setByTuner(): unknown[] {
    const changes = this.test.settings.history(100).filter(({ by }) => by === 'tuner');
    return changes.map(({ to }) => Number(to) / MIB).toReversed();
  }

  set(values: SettingValues): Promise<void> {
    return this.test.set(values);
  }

  skip(ms: number): Promise<void> {
    return this.#clock.skip(ms);
  }

  /** Lets the worker thread collect more often than the tuner needs. */
  async collect(): Promise<GcFigures> {
    const window = new GcWindow(cpuThreads());
    while (window.figures().count < COLLECTIONS) {
      await this.test.gate.submit('cpu', () => this.#cpu.run('make garbage', this.#garbage));
      window.add(cpuThreads());
    }
    return window.figures();
  }

  /** The limits of the running threads' heaps, as measured inside them. */
  heapLimits(): readonly number[] {
    return this.#cpu.stats().map(({ heapLimitBytes }) => heapLimitBytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.test[Symbol.asyncDispose]();
  }
}

/** Lets the tuner measure work until it has judged the size that holds; answers what it says of it. */
async function judge(tuned: TunedPlane): Promise<NonNullable<Advice>> {
  const before = tuned.tuner.advice?.atMs;
  await until(() => expect(tuned.tuner.phase).toBe('measuring'));
  await tuned.collect();
  await tuned.skip(MEASURE_MS + 1_000);
  await until(() => {
    expect(tuned.tuner.advice?.atMs).not.toBe(before);
    expect(tuned.tuner.phase).not.toBe('applying');
  });
  return tuned.tuner.advice!;
}

/** Waits until the thread that runs has this young generation, and no other thread is left. */
async function untilThreadHas(tuned: TunedPlane, youngBytes: number): Promise<void> {
  await until(() => expect(tuned.heapLimits()).toEqual([toHeapLimitBytes(OLD_BYTES, youngBytes)]));
}

function cpuThreads(): readonly ThreadGc[] {
  return gcOfThreads().filter(({ name }) => name.startsWith('cpu-'));
}

async function openTuned(youngBytes: number, values: SettingValues, garbage = GARBAGE): Promise<TunedPlane> {
  const clock = skippingClock();
  let cpu: CpuWorkers | undefined;
  const open: typeof openCpuWorkers = (options, parts) => (cpu = openCpuWorkers(options, { ...parts, tasks }));
  const all = { ...CALM, 'cpu.youngGenerationBytes': youngBytes, ...values };
  const test = await openTestPlane(all, [], { clock, openCpuWorkers: open });
  return new TunedPlane(test, { clock, cpu: cpu!, garbage });
}

/** Off it looks at nothing; advising it leaves things as they are; acting it changes the heap of the running thread. */
async function observeMode(): Promise<void> {
  await using tuned = await openTuned(3 * MIB, { ...WANTS_MORE, 'gc.tuner': 'off' });
  await tuned.collect();
  await tuned.skip(10 * MEASURE_MS);
  expect(tuned.tuner).toMatchObject({ phase: 'off', advice: undefined });
  await tuned.set({ 'gc.tuner': 'advise' });
  expect(await judge(tuned)).toMatchObject({ kind: 'advised', toBytes: 6 * MIB });
  expect(tuned.setByTuner).toEqual([]);
  await untilThreadHas(tuned, 3 * MIB);
  await tuned.set({ 'gc.tuner': 'act' });
  expect(await judge(tuned)).toMatchObject({ kind: 'moved', toBytes: 6 * MIB });
  expect(tuned.setByTuner).toEqual([6]);
  await untilThreadHas(tuned, 6 * MIB);
}

/** Collections that take too much of the time ask for a larger size; once they may take it, half the size will do. */
async function observeShare(): Promise<void> {
  await using tuned = await openTuned(12 * MIB, WANTS_MORE);
  expect(await judge(tuned)).toMatchObject({ kind: 'advised', toBytes: 24 * MIB });
  await tuned.set({ 'gc.maxShareRatio': 0.9 });
  expect(await judge(tuned)).toMatchObject({ kind: 'advised', toBytes: 6 * MIB });
}

/** Pauses that are too long ask for a smaller size, although the time that collections take asks for a larger one. */
async function observePause(): Promise<void> {
  await using tuned = await openTuned(12 * MIB, WANTS_LESS, MUCH_ALIVE);
  // While its code is new the thread is slower, and its collections are a smaller part.
  await tuned.collect();
  const { gcRatio } = await tuned.collect();
  await tuned.set({ 'gc.maxShareRatio': gcRatio! / 1.6 });
  expect(await judge(tuned)).toMatchObject({ kind: 'advised', toBytes: 24 * MIB });
  await tuned.set({ 'gc.pauseTargetMs': 1 });
  expect(await judge(tuned)).toMatchObject({ kind: 'advised', toBytes: 6 * MIB });
}

async function observeLeast(): Promise<void> {
  await using tuned = await openTuned(12 * MIB, { ...WANTS_LESS, 'gc.tuner': 'act', 'gc.minYoungBytes': 6 * MIB });
  expect(await judge(tuned)).toMatchObject({ kind: 'moved', toBytes: 6 * MIB });
  await untilThreadHas(tuned, 6 * MIB);
  expect(await judge(tuned)).toMatchObject({ kind: 'held', toBytes: 6 * MIB });
  await tuned.set({ 'gc.minYoungBytes': 3 * MIB });
  expect(await judge(tuned)).toMatchObject({ kind: 'moved', toBytes: 3 * MIB });
  await untilThreadHas(tuned, 3 * MIB);
}

async function observeMost(): Promise<void> {
  await using tuned = await openTuned(3 * MIB, { ...WANTS_MORE, 'gc.tuner': 'act', 'gc.maxYoungBytes': 3 * MIB });
  expect(await judge(tuned)).toMatchObject({ kind: 'held', toBytes: 3 * MIB });
  await tuned.set({ 'gc.maxYoungBytes': 6 * MIB });
  expect(await judge(tuned)).toMatchObject({ kind: 'moved', toBytes: 6 * MIB });
  await untilThreadHas(tuned, 6 * MIB);
  // Whether it stays or goes back, it goes no further.
  const { toBytes } = await judge(tuned);
  expect(toBytes).toBeLessThanOrEqual(6 * MIB);
}

/** What is collected while it cools down is not measured. */
async function observeCoolDown(): Promise<void> {
  const coolDownMs = 100_000;
  await using tuned = await openTuned(3 * MIB, { ...WANTS_MORE, 'gc.tuner': 'act', 'gc.coolDownMs': coolDownMs });
  await tuned.skip(coolDownMs);
  expect(await judge(tuned)).toMatchObject({ kind: 'moved' });
  await tuned.collect();
  await tuned.skip(coolDownMs / 2);
  expect(tuned.tuner.phase).toBe('cooling down');
  await tuned.skip(coolDownMs / 2);
  expect(tuned.tuner.phase).toBe('measuring');
  await tuned.skip(2 * MEASURE_MS);
  expect(tuned.setByTuner).toEqual([6]);
  await tuned.set({ 'gc.coolDownMs': 0 });
  expect(await judge(tuned)).toBeDefined();
  await until(() => expect(tuned.tuner.phase).toBe('measuring'));
}

async function observeMeasuring(): Promise<void> {
  await using tuned = await openTuned(3 * MIB, { ...WANTS_MORE, 'gc.measureMs': 20 * MEASURE_MS });
  await until(() => expect(tuned.tuner.phase).toBe('measuring'));
  await tuned.collect();
  await tuned.skip(10 * MEASURE_MS);
  expect(tuned.tuner).toMatchObject({ phase: 'measuring', advice: undefined });
  await tuned.skip(10 * MEASURE_MS);
  const advice = tuned.tuner.advice;
  expect(advice).toMatchObject({ kind: 'advised' });
  await tuned.set({ 'gc.measureMs': MEASURE_MS });
  expect((await judge(tuned)).atMs).toBeGreaterThan(advice!.atMs);
}

export const gcObservations: Observations<'gc'> = {
  'gc.tuner': observeMode,
  'gc.pauseTargetMs': observePause,
  'gc.maxShareRatio': observeShare,
  'gc.minYoungBytes': observeLeast,
  'gc.maxYoungBytes': observeMost,
  'gc.coolDownMs': observeCoolDown,
  'gc.measureMs': observeMeasuring,
};
