import { expect } from 'vitest';
import type { SettingValues } from '../../../../main/settings/settings.ts';
import { toGcRecord, writeCollection } from '../../../../runtime/memory/gc/gc-record.ts';
import { openGcPlace } from '../../../../runtime/memory/gc/gc-threads.ts';
import { toHeapLimitBytes } from '../../../../runtime/memory/heap/generations.ts';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import type { Observations } from './observation.ts';
import { openThreadScene, untilMeasured } from './threads.ts';
import { until } from './until.ts';

const MIB = 2 ** 20;
const HOUR_MS = 3_600_000;
const PAUSE_MS = 4;
const EVERY_MS = 10;

/**
 * What the tuner sees of a thread of the cpu lane that is busy all the time and stands still for 4 ms in each 10: its figures
 * are where those of real threads are, and the same on any machine.
 */
function openSaidThread(): Disposable {
  const startedMs = performance.now();
  const busyMs = (): number => performance.now() - startedMs;
  const owned = new DisposableStack();
  const place = owned.use(openGcPlace('cpu-said', busyMs));
  const record = toGcRecord(place.shared);
  let written = 0;
  const writing = setInterval(() => {
    for (; written * EVERY_MS < busyMs(); written++) {
      const heap = { heapBeforeBytes: 2 * MIB, heapAfterBytes: MIB };
      writeCollection(record, { kind: 'scavenge', cause: 'space', atMs: Date.now(), pauseMs: PAUSE_MS, ...heap });
    }
  }, 5);
  owned.defer(() => clearInterval(writing));
  return owned;
}

/** The young generation has 48 MiB; judged after a second. */
const QUICK: SettingValues = {
  'cpu.youngGenerationBytes': 48 * MIB,
  'cpu.oldGenerationBytes': 64 * MIB,
  'gc.tuner': 'advise',
  'gc.coolDownMs': 0,
  'gc.measureMs': 1_000,
};
/** Neither met; the share of time is missed by its double, the pause by more or not at all. */
const SHARE_MISSED: SettingValues = { 'gc.maxShareRatio': 0.2, 'gc.pauseTargetMs': 1_000 };
const PAUSE_MISSED: SettingValues = { 'gc.maxShareRatio': 0.2, 'gc.pauseTargetMs': 1 };

const tunerOf = ({ plane }: TestPlane) => plane.memory().tuner;

/** Resolves when the tuner has judged and said this. */
async function untilAdvice(
  test: TestPlane,
  advice: { readonly kind: string; readonly toBytes: number },
): Promise<void> {
  await until(() => expect(tunerOf(test).advice).toMatchObject(advice));
}

const LARGER = { kind: 'advised', toBytes: 96 * MIB };
const SMALLER = { kind: 'advised', toBytes: 24 * MIB };
const HELD = { kind: 'held', toBytes: 48 * MIB };

/** One plane under two values, with what its tuner says of them. */
async function observeAdvice(
  first: readonly [SettingValues, typeof LARGER],
  second: readonly [SettingValues, typeof LARGER],
): Promise<void> {
  using _said = openSaidThread();
  await using test = await openTestPlane({ ...QUICK, ...first[0] });
  await untilAdvice(test, first[1]);
  await test.set(second[0]);
  await untilAdvice(test, second[1]);
}

async function observeMode(): Promise<void> {
  using _said = openSaidThread();
  await using scene = await openThreadScene({ ...QUICK, ...PAUSE_MISSED, 'gc.tuner': 'off', 'cpu.maxWorkers': 1 });
  const { test } = scene;
  expect(tunerOf(test).phase).toBe('off');
  await test.set({ 'gc.tuner': 'advise' });
  await untilAdvice(test, SMALLER);
  expect(await scene.run('measure heap')).toBe(toHeapLimitBytes(64 * MIB, 48 * MIB));
  await test.set({ 'gc.tuner': 'act' });
  await untilMeasured(scene, toHeapLimitBytes(64 * MIB, 24 * MIB));
}

async function observeCoolDown(): Promise<void> {
  using _said = openSaidThread();
  await using hasty = await openTestPlane({ ...QUICK, ...PAUSE_MISSED });
  await using cool = await openTestPlane({ ...QUICK, ...PAUSE_MISSED, 'gc.coolDownMs': 600_000 });
  await hasty.set({ 'gc.maxShareRatio': 0.3 });
  await untilAdvice(hasty, SMALLER);
  expect(tunerOf(cool)).toMatchObject({ phase: 'cooling down', advice: undefined });
  await cool.set({ 'gc.coolDownMs': 0 });
  await untilAdvice(cool, SMALLER);
}

async function observeMeasuring(): Promise<void> {
  using _said = openSaidThread();
  await using thorough = await openTestPlane({ ...QUICK, ...PAUSE_MISSED, 'gc.measureMs': HOUR_MS });
  await using hasty = await openTestPlane({ ...QUICK, ...PAUSE_MISSED });
  await untilAdvice(hasty, SMALLER);
  expect(tunerOf(thorough)).toMatchObject({ phase: 'measuring', advice: undefined });
  await thorough.set({ 'gc.measureMs': 1_000 });
  await untilAdvice(thorough, SMALLER);
}

export const collectionObservations: Observations<'gc'> = {
  'gc.tuner': observeMode,
  'gc.pauseTargetMs': () => observeAdvice([SHARE_MISSED, LARGER], [{ 'gc.pauseTargetMs': 1 }, SMALLER]),
  'gc.maxShareRatio': () => observeAdvice([PAUSE_MISSED, SMALLER], [{ 'gc.maxShareRatio': 0.05 }, LARGER]),
  'gc.minYoungBytes': () =>
    observeAdvice(
      [{ 'gc.maxShareRatio': 0.9, 'gc.pauseTargetMs': 5, 'gc.minYoungBytes': 48 * MIB }, HELD],
      [{ 'gc.minYoungBytes': 3 * MIB }, SMALLER],
    ),
  'gc.maxYoungBytes': () =>
    observeAdvice(
      [{ ...SHARE_MISSED, 'gc.minYoungBytes': 48 * MIB, 'gc.maxYoungBytes': 48 * MIB }, HELD],
      [{ 'gc.maxYoungBytes': 192 * MIB }, LARGER],
    ),
  'gc.coolDownMs': observeCoolDown,
  'gc.measureMs': observeMeasuring,
};
