import { expect, test } from 'vitest';
import { GC_SETTINGS, gcSettingsOf, toHeapState } from '../../../runtime/memory/heap/gc-settings.ts';
import {
  toEffectiveYoungBytes,
  toHeapLimitBytes,
  toYoungStep,
  YOUNG_STEPS_BYTES,
} from '../../../runtime/memory/heap/generations.ts';
import { checkHeapLimits, readEngineFacts, toHeapCage, type HeapPlan } from '../../../runtime/memory/heap/heap-cage.ts';
import { HeapWatch } from '../../../runtime/memory/heap/heap-watch.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

test('a young generation has the next of the sizes that V8 knows', () => {
  const asked = [0.5, 1, 3, 6, 7, 12, 13, 48, 64, 128, 192, 193, 512].map(
    (mib) => toEffectiveYoungBytes(mib * MIB) / MIB,
  );
  // As measured on threads of Node 24.21 by their heap limits.
  expect(asked).toEqual([3, 3, 3, 6, 12, 12, 24, 48, 96, 192, 192, 384, 768]);
  expect(YOUNG_STEPS_BYTES.map((bytes) => toYoungStep(bytes))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(toYoungStep(2 ** 40)).toBe(7);
});

test('each setting of the collector says which threads it governs and how it reaches them', () => {
  expect(gcSettingsOf('cpu-3').map(({ key, applies }) => [key, applies])).toEqual([
    ['cpu.youngGenerationBytes', 'rolling'],
    ['cpu.oldGenerationBytes', 'rolling'],
  ]);
  expect(gcSettingsOf('main').map(({ key, applies }) => [key, applies])).toEqual([
    ['--max-semi-space-size', 'restart'],
    ['--max-old-space-size', 'restart'],
  ]);
  expect(gcSettingsOf('history-writer')).toEqual([]);
  for (const { governs, how } of GC_SETTINGS) expect(`${governs} ${how}`).toMatch(/^[A-Z].*\. [A-Z].*\.$/);
});

test('a heap is as it was wanted only when the thread itself says so', () => {
  const wanted = { oldBytes: 128 * MIB, youngBytes: 64 * MIB };
  expect(toHeapState(wanted, 0)).toMatchObject({ measuredLimitBytes: undefined, isApplied: false });
  expect(toHeapState(wanted, 224 * MIB)).toMatchObject({ isApplied: true, effectiveYoungBytes: 96 * MIB });
  expect(toHeapState(wanted, 320 * MIB)).toMatchObject({ isApplied: false, expectedLimitBytes: 224 * MIB });
});

const plan = (name: string, count: number, oldMib: number): HeapPlan => ({
  name,
  count,
  oldBytes: oldMib * MIB,
  youngBytes: 48 * MIB,
  settings: [`${name}.oldGenerationBytes`],
});

test('without pointer compression heaps have no cage, as here', () => {
  expect(toHeapCage(readEngineFacts())).toEqual({ scope: 'none' });
  expect(() => checkHeapLimits([plan('cpu', 64, 16_384)], { scope: 'none' })).not.toThrow();
});

test('Electron’s cage is shared by all threads; the sum of what they may take must fit, and the refusal says the way out', () => {
  const cage = toHeapCage({ electron: '43.0.0', variables: {} });
  expect(cage).toMatchObject({ scope: 'process', bytes: 4 * GIB });
  expect(() => checkHeapLimits([plan('main', 1, 2_000), plan('cpu', 4, 400)], cage)).not.toThrow();
  expect(() => checkHeapLimits([plan('main', 1, 2_000), plan('cpu', 8, 400)], cage)).toThrow(
    expect.objectContaining({
      code: 'SETTING_INVALID',
      message:
        'The heaps may grow to 5,632 MB together (main 1 × 2,048 MB, cpu 8 × 448 MB), but 4,096 MB is all there is (in Electron 43.0.0 all threads share it); lower main.oldGenerationBytes or cpu.oldGenerationBytes.',
      details: { limitBytes: 5_632 * MIB, cageBytes: 4 * GIB },
    }),
  );
});

test('a Node with pointer compression has a cage for each thread unless its flags say that it is shared', () => {
  const own = toHeapCage({ electron: undefined, variables: { v8_enable_pointer_compression: 1 } });
  expect(own).toMatchObject({ scope: 'thread', bytes: 4 * GIB });
  expect(() => checkHeapLimits([plan('cpu', 8, 2_000)], own)).not.toThrow();
  expect(() => checkHeapLimits([plan('main', 1, 100), plan('cpu', 1, 4_096)], own)).toThrow(
    /^The heap of cpu may grow to 4,144 MB/,
  );
  const shared = { v8_enable_pointer_compression: 1, v8_enable_pointer_compression_shared_cage: true };
  expect(toHeapCage({ electron: undefined, variables: shared })).toMatchObject({ scope: 'process' });
});

test('what was measured on the program itself beats what is known of its kind', () => {
  const cage = toHeapCage({ electron: '43.0.0', variables: {}, measuredProcessBytes: 8 * GIB });
  expect(cage).toMatchObject({ scope: 'process', bytes: 8 * GIB });
  expect(toHeapLimitBytes(4_096 * MIB, 48 * MIB)).toBe(4_144 * MIB);
});

const heap = (usedMib: number, limitMib = 100, name = 'cpu-1') => ({
  name,
  heapUsedBytes: usedMib * MIB,
  heapLimitBytes: limitMib * MIB,
});

test('a heap that stays near its limit is warned of once, with when it will be reached, until it has recovered', () => {
  const watch = new HeapWatch({ softLimitRatio: 0.8, looks: 3 });
  const kinds = [70, 82, 84, 86, 88, 90, 75, 71, 86, 88, 90].map((used, second) =>
    watch.look([heap(used)], second * 1_000).map(({ kind, reachesLimitInMs }) => [kind, reachesLimitInMs]),
  );
  expect(kinds).toEqual([
    [],
    [],
    [],
    [['near limit', 7_000]],
    [],
    [],
    [],
    [['recovered', undefined]],
    [],
    [],
    [['near limit', 5_000]],
  ]);
});

test('garbage that goes again by itself is not warned of', () => {
  const watch = new HeapWatch({ softLimitRatio: 0.8, looks: 2 });
  for (let second = 0; second < 50; second++) {
    expect(watch.look([heap(second % 2 === 0 ? 95 : 40)], second * 1_000)).toEqual([]);
  }
});

test('threads that said nothing yet are passed over, and those that ended are forgotten', () => {
  const watch = new HeapWatch({ softLimitRatio: 0.8, looks: 1 });
  expect(watch.look([heap(0, 0)], 0)).toEqual([]);
  expect(watch.look([heap(90)], 1)).toHaveLength(1);
  expect(watch.look([], 2)).toEqual([]);
  expect(watch.look([heap(90)], 3)).toMatchObject([
    { kind: 'near limit', thread: 'cpu-1', text: expect.stringContaining('WORKER_OUT_OF_MEMORY') as string },
  ]);
});

test('another soft limit acts at the next look, and one that does not hold changes nothing', () => {
  const watch = new HeapWatch({ softLimitRatio: 0.9, looks: 1 });
  expect(watch.look([heap(85)], 0)).toEqual([]);
  for (const options of [
    { softLimitRatio: 1, looks: 1 },
    { softLimitRatio: 0.5, looks: 0 },
  ]) {
    expect(() => watch.configure(options)).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
  }
  expect(watch.look([heap(85)], 1)).toEqual([]);
  watch.configure({ softLimitRatio: 0.8, looks: 1 });
  expect(watch.look([heap(85)], 2)).toHaveLength(1);
});
