import { expect, test } from 'vitest';
import { FIRST_LEVEL, toNextLevel, type LevelState } from '../../../runtime/memory/gate/memory-level.ts';
import { checkMemoryGateOptions, DEFAULT_MEMORY_GATE_OPTIONS } from '../../../runtime/memory/gate/memory-options.ts';
import type { MemoryReading } from '../../../runtime/memory/gate/memory-reading.ts';

const GIB = 2 ** 30;
const options = { ...DEFAULT_MEMORY_GATE_OPTIONS, minAvailableBytes: GIB, settleMs: 1_000, maxPressureRatio: 0.2 };
const reading = (availableGib: number | undefined, pressureRatio?: number): MemoryReading => ({
  availableBytes: availableGib === undefined ? undefined : availableGib * GIB,
  totalBytes: 16 * GIB,
  pressureRatio,
  of: 'machine',
});

/** The levels after looks half a second apart. */
function levels(readings: readonly MemoryReading[]): readonly LevelState[] {
  let state = FIRST_LEVEL;
  return readings.map((one, index) => (state = toNextLevel(state, one, options, index * 500)));
}

test('enough is open, below the limit is short, and pressure alone is short as well', () => {
  expect(levels([reading(8), reading(0.9)]).map(({ level }) => level)).toEqual(['open', 'short']);
  expect(levels([reading(8, 0.1), reading(8, 0.25)]).map(({ level }) => level)).toEqual(['open', 'short']);
  expect(levels([reading(undefined, 0.25)]).map(({ level }) => level)).toEqual(['short']);
});

test('what cannot be measured holds nothing back', () => {
  expect(levels([reading(undefined)])).toEqual([FIRST_LEVEL]);
  expect(levels([reading(0.5), reading(undefined)]).at(-1)).toEqual(FIRST_LEVEL);
});

test('short ends a margin above the limit, after it has held, and then starts grow step by step', () => {
  const seen = levels([0.9, 1.2, 1.3, 1.3, 1.1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3].map((gib) => reading(gib)));
  expect(seen.map(({ level }) => level)).toEqual([
    'short',
    'short',
    'short',
    'short',
    'short',
    'short',
    'short',
    'careful',
    'careful',
    'careful',
    'careful',
    'careful',
    'careful',
    'careful',
    'open',
  ]);
  expect(seen.slice(7, 14).map(({ extraStarts }) => extraStarts)).toEqual([1, 2, 4, 8, 16, 32, 64]);
});

test('pressure must have gone by half before it counts as clear', () => {
  const seen = levels([
    reading(8, 0.3),
    reading(8, 0.15),
    reading(8, 0.15),
    reading(8, 0.15),
    reading(8, 0.05),
    reading(8, 0.05),
    reading(8, 0.05),
  ]);
  expect(seen.map(({ level }) => level)).toEqual(['short', 'short', 'short', 'short', 'short', 'short', 'careful']);
});

test('little memory lets a few start at a time and never opens while it stays little', () => {
  const seen = levels(Array.from({ length: 20 }, () => reading(1.5)));
  expect(seen.every(({ level, extraStarts }) => level === 'careful' && extraStarts >= 8 && extraStarts <= 64)).toBe(
    true,
  );
});

test('memory that swings around the limit does not make it flap', () => {
  const seen = levels(Array.from({ length: 200 }, (_, index) => reading(index % 2 === 0 ? 0.99 : 1.2)));
  expect(new Set(seen.map(({ level }) => level))).toEqual(new Set(['short']));
  // Around the other border as well: careful and open are not swapped at each look.
  const upper = levels([
    ...Array.from({ length: 20 }, () => reading(5)),
    ...Array.from({ length: 100 }, (_, i) => reading(i % 2 === 0 ? 1.9 : 2.1)),
  ]);
  expect(new Set(upper.slice(20).map(({ level }) => level))).toEqual(new Set(['careful']));
});

test('whatever is read, short memory starts nothing and any other level follows only after it has settled', () => {
  let seed = 5;
  const random = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  let state: LevelState = FIRST_LEVEL;
  let lastShortMs = -Infinity;
  for (let nowMs = 0; nowMs < 5_000_000; nowMs += 500) {
    const one = reading(random() * 2.5, random() * 0.25);
    const isShort = one.availableBytes! < GIB || one.pressureRatio! >= 0.2;
    if (isShort) lastShortMs = nowMs;
    state = toNextLevel(state, one, options, nowMs);
    expect(state.level === 'short' || !isShort).toBe(true);
    expect(state.level === 'short' || nowMs - lastShortMs > options.settleMs).toBe(true);
    expect(state.level === 'careful' || state.extraStarts === 0).toBe(true);
    expect(state.extraStarts).toBeLessThanOrEqual(64);
  }
});

test.each([
  [{ mode: 'sometimes' as 'wait' }],
  [{ minAvailableBytes: -1 }],
  [{ maxPressureRatio: 0 }],
  [{ resumeRatio: 1 }],
  [{ settleMs: NaN }],
  [{ lookEveryMs: 10 }],
  [{ floorRunning: 0 }],
  [{ floorRunning: 1.5 }],
])('bounds %j are refused', (changes) => {
  expect(() => checkMemoryGateOptions({ ...options, ...changes })).toThrow(
    expect.objectContaining({ code: 'SETTING_INVALID' }),
  );
});
