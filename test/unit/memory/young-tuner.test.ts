import { expect, test } from 'vitest';
import { YOUNG_STEPS_BYTES } from '../../../runtime/memory/heap/generations.ts';
import { GcWindow } from '../../../runtime/memory/tuner/gc-window.ts';
import { DEFAULT_TUNER_OPTIONS, type TunerOptions } from '../../../runtime/memory/tuner/tuner-options.ts';
import { YoungTuner, type TunerStep } from '../../../runtime/memory/tuner/young-tuner.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { bathtub, PlantThread, textbook, unmoved, type Plant } from './plants.ts';

const MIB = 2 ** 20;
const PAUSE_TARGET_MS = 5;

interface Tuned {
  readonly plant: Plant;
  readonly youngMib: number;
  readonly options?: Partial<TunerOptions>;
  readonly noise?: () => number;
  readonly refuse?: () => boolean;
}

function tuned({ plant, youngMib, options = {}, noise, refuse }: Tuned) {
  const clock = manualClock();
  const threads = [new PlantThread('cpu-1', plant, noise), new PlantThread('cpu-2', plant, noise)];
  const steps: TunerStep[] = [];
  const state = { youngBytes: youngMib * MIB };
  const applied: { readonly atMs: number; readonly mib: number }[] = [];
  const tuner = new YoungTuner(
    {
      clock,
      threads: () => threads.map((thread) => thread.read()),
      youngBytes: () => state.youngBytes,
      async apply(bytes) {
        if (refuse?.()) throw new Error('no room');
        applied.push({ atMs: clock.monoMs(), mib: bytes / MIB });
        state.youngBytes = bytes;
      },
      onStep: (step) => void steps.push(step),
    },
    { ...DEFAULT_TUNER_OPTIONS, mode: 'act', pauseTargetMs: PAUSE_TARGET_MS, ...options },
  );
  /** Lets the threads and the tuner live for so many seconds. */
  const live = async (seconds: number, atOnce = 1): Promise<void> => {
    for (let second = 0; second < seconds; second += atOnce) {
      for (const thread of threads) thread.run(atOnce * 1_000, state.youngBytes);
      await clock.advance(atOnce * 1_000);
    }
  };
  return { clock, threads, steps, state, applied, tuner, live };
}

test('it walks to a size that meets both aims and stays there, one step at a time and with time between', async () => {
  const { live, state, applied, steps, tuner } = tuned({ plant: textbook, youngMib: 192 });
  using _tuner = tuner;
  await live(1_200);
  expect(applied.map(({ mib }) => mib)).toEqual([96, 48]);
  const { coolDownMs, measureMs } = DEFAULT_TUNER_OPTIONS;
  expect(textbook.pauseMs(state.youngBytes / MIB)).toBeLessThan(PAUSE_TARGET_MS);
  expect(applied[1]!.atMs - applied[0]!.atMs).toBeGreaterThanOrEqual(coolDownMs + measureMs);
  expect(steps.map(({ kind }) => kind)).toEqual(['moved', 'moved', 'held']);
  expect(steps[0]!.why).toBe(
    '99 of 100 pauses are within 18 ms (aim: 5) and collections take 9.7 % of the time (aim: 10 %): the young generation goes from 192 MB to 96 MB, so that each collection has less to copy.',
  );
  expect(steps[2]!.why).toMatch(/: good\. Nothing is changed\.$/);
});

test('too many collections make it larger', async () => {
  const { live, applied, steps, tuner } = tuned({ plant: textbook, youngMib: 6 });
  using _tuner = tuner;
  await live(600);
  expect(applied.map(({ mib }) => mib)).toEqual([12, 24, 48]);
  expect(steps[0]!.why).toContain('so that there are fewer collections');
});

test('where no size helps it tries both neighbours, comes back, and says where else to look', async () => {
  const { live, applied, steps, state, tuner } = tuned({ plant: unmoved, youngMib: 48 });
  using _tuner = tuner;
  await live(1_500);
  expect(applied.map(({ mib }) => mib)).toEqual([24, 48, 96, 48]);
  expect(state.youngBytes / MIB).toBe(48);
  expect(steps.at(-1)).toMatchObject({ kind: 'held' });
  expect(steps.at(-1)!.why).toContain('no better');
});

test.each([3, 6, 12, 48, 96, 192])(
  'from %d MB it finds the best size of a load whose both sides are bad',
  async (youngMib) => {
    const { live, state, tuner, applied } = tuned({
      plant: bathtub,
      youngMib,
      options: { pauseTargetMs: 1, gcTargetRatio: 0.01 },
    });
    using _tuner = tuner;
    await live(1_500);
    expect(state.youngBytes / MIB).toBe(24);
    const sizes = [youngMib, ...applied.map(({ mib }) => mib)];
    for (const [index, mib] of applied.entries()) expect(Math.abs(Math.log2(mib.mib / sizes[index]!))).toBe(1);
  },
);

test('once it has found its place it does not wander, though measurements scatter by a tenth', async () => {
  let seed = 11;
  const random = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  for (const plant of [textbook, bathtub]) {
    const { live, applied, tuner } = tuned({ plant, youngMib: 96, noise: () => 0.9 + 0.2 * random() });
    using _tuner = tuner;
    await live(600);
    const found = applied.length;
    await live(1_100);
    expect(applied).toHaveLength(found);
  }
});

test('a machine that is overloaded, so that pauses are now and then ten times as long, does not make it wander', async () => {
  let seed = 17;
  const random = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  for (const plant of [textbook, bathtub, unmoved]) {
    let slow = 1;
    const noise = (): number => slow * (random() < 0.02 ? 10 : 0.9 + 0.2 * random());
    const { live, applied, tuner } = tuned({ plant, youngMib: 96, noise });
    using _tuner = tuner;
    for (let minute = 0; minute < 25; minute++) {
      slow = 1 + 0.5 * random();
      await live(60, 2);
    }
    const found = applied.length;
    expect(found).toBeLessThanOrEqual(8);
    for (let minute = 0; minute < 20; minute++) {
      slow = 1 + 0.5 * random();
      await live(60, 2);
    }
    // What it knew is forgotten after half an hour, so it may look around again once.
    expect(applied.length - found).toBeLessThanOrEqual(6);
  }
});

test('where both aims are met it goes on to smaller sizes, which hold less memory, and back when one is too small', async () => {
  const easy: Plant = { pauseMs: (mib) => 0.5 + mib * 0.01, perSecond: (mib) => 240 / mib };
  const { live, applied, steps, tuner } = tuned({ plant: easy, youngMib: 96 });
  using _tuner = tuner;
  await live(1_200, 2);
  // At 3 MB collections take 4.2 % of the time.
  expect(applied.map(({ mib }) => mib)).toEqual([48, 24, 12, 6, 3]);
  expect(steps[0]!.why).toMatch(/: good\. To hold less memory, the young generation goes from 96 MB to 48 MB\.$/);
  const tight = tuned({ plant: easy, youngMib: 96, options: { gcTargetRatio: 0.015 } });
  using _tight = tight.tuner;
  await tight.live(1_200, 2);
  expect(tight.applied.map(({ mib }) => mib)).toEqual([48, 24, 12, 6, 12]);
  const cliff: Plant = { pauseMs: (mib) => (mib < 48 ? 30 : 1), perSecond: () => 10 };
  const back = tuned({ plant: cliff, youngMib: 96 });
  using _back = back.tuner;
  await back.live(1_200, 2);
  expect(back.applied.map(({ mib }) => mib)).toEqual([48, 24, 48]);
});

test('another load is learnt anew', async () => {
  const { live, threads, state, tuner } = tuned({ plant: textbook, youngMib: 192 });
  using _tuner = tuner;
  await live(600);
  expect(state.youngBytes / MIB).toBe(48);
  const heavier: Plant = { pauseMs: (mib) => 0.4 + mib * 0.36, perSecond: (mib) => 250 / mib };
  for (const thread of threads) thread.setPlant(heavier);
  await live(1_200);
  expect(heavier.pauseMs(state.youngBytes / MIB)).toBeLessThan(5.5);
});

test('advising, it changes nothing until somebody accepts', async () => {
  const { live, applied, steps, tuner } = tuned({ plant: textbook, youngMib: 192, options: { mode: 'advise' } });
  using _tuner = tuner;
  await live(300);
  expect(applied).toEqual([]);
  expect(steps.map(({ kind, toBytes }) => [kind, toBytes / MIB])).toEqual([['advised', 96]]);
  expect(tuner.status().advice).toMatchObject({ fromBytes: 192 * MIB, toBytes: 96 * MIB });
  await tuner.accept();
  expect(applied.map(({ mib }) => mib)).toEqual([96]);
  expect(tuner.status()).toMatchObject({ advice: undefined, phase: 'cooling down', youngBytes: 96 * MIB });
  await live(100);
  expect(steps.at(-1)).toMatchObject({ kind: 'advised', toBytes: 48 * MIB });
});

test('off, it looks at nothing; switched on, it begins to measure', async () => {
  const { live, steps, tuner, clock } = tuned({ plant: textbook, youngMib: 192, options: { mode: 'off' } });
  using _tuner = tuner;
  await live(300);
  expect([steps.length, tuner.status().phase, clock.pendingCount]).toEqual([0, 'off', 0]);
  tuner.configure({ ...DEFAULT_TUNER_OPTIONS, mode: 'act' });
  await live(100);
  expect(steps.map(({ kind }) => kind)).toContain('moved');
  tuner.configure({ ...DEFAULT_TUNER_OPTIONS, mode: 'off' });
  expect([tuner.status().phase, clock.pendingCount]).toEqual(['off', 0]);
});

test('too few collections are not judged', async () => {
  const idle: Plant = { pauseMs: () => 50, perSecond: () => 0.05 };
  const { live, applied, steps, tuner } = tuned({ plant: idle, youngMib: 96 });
  using _tuner = tuner;
  await live(1_000);
  expect(applied).toEqual([]);
  expect(steps[0]).toMatchObject({ kind: 'held', why: expect.stringMatching(/too few to judge by/) as string });
});

test('a change by somebody else is taken over and measured anew', async () => {
  const { live, applied, state, tuner } = tuned({ plant: textbook, youngMib: 48 });
  using _tuner = tuner;
  await live(200);
  state.youngBytes = 12 * MIB;
  await live(2);
  expect(tuner.status()).toMatchObject({ phase: 'cooling down', youngBytes: 12 * MIB });
  await live(100);
  expect(applied.map(({ mib }) => mib)).toEqual([24]);
});

test('a size that is refused is told with the reason, and the old one goes on being measured', async () => {
  let isFull = true;
  const { live, applied, steps, tuner } = tuned({ plant: textbook, youngMib: 192, refuse: () => isFull });
  using _tuner = tuner;
  await live(200);
  expect(steps).toHaveLength(1);
  expect(steps[0]).toMatchObject({
    kind: 'refused',
    toBytes: 192 * MIB,
    why: expect.stringMatching(/no room$/) as string,
  });
  isFull = false;
  await live(200);
  expect(applied.map(({ mib }) => mib)).toEqual([96, 48]);
});

test('it stays within the sizes it is allowed', async () => {
  const bounds = { minYoungBytes: 48 * MIB, maxYoungBytes: 96 * MIB, pauseTargetMs: 0.5 };
  const { live, state, tuner, applied } = tuned({ plant: textbook, youngMib: 96, options: bounds });
  using _tuner = tuner;
  await live(1_000);
  expect([state.youngBytes / MIB, applied.length]).toEqual([48, 1]);
});

test.each([
  [{ mode: 'maybe' as 'off' }],
  [{ pauseTargetMs: 0 }],
  [{ gcTargetRatio: 1 }],
  [{ minCollections: 1 }],
  [{ minYoungBytes: 100 * MIB, maxYoungBytes: 50 * MIB }],
  [{ coolDownMs: NaN }],
])('options %j are refused and the old ones hold', (changes) => {
  const { tuner } = tuned({ plant: textbook, youngMib: 96 });
  using _tuner = tuner;
  const { options } = tuner.status();
  expect(() => tuner.configure({ ...options, ...changes })).toThrow(
    expect.objectContaining({ code: 'SETTING_INVALID' }),
  );
  expect(tuner.status().options).toBe(options);
});

test('a window counts what threads did since it began, also those that came, went or took an old name', () => {
  const [old, other] = [new PlantThread('cpu-1', unmoved), new PlantThread('cpu-2', unmoved)];
  old.run(10_000, 48 * MIB);
  const window = new GcWindow([old.read()]);
  old.run(1_000, 48 * MIB);
  other.run(1_000, 48 * MIB);
  window.add([old.read(), other.read()]);
  const replaced = new PlantThread('cpu-1', unmoved);
  replaced.run(500, 48 * MIB);
  window.add([replaced.read()]);
  expect(window.figures()).toMatchObject({ count: 25, gcRatio: 0.2, wholeHeapRatio: 0, externalRatio: 0 });
  expect(window.figures().pauseP99Ms! / 20).toBeCloseTo(1, 1);
});

test('whatever a load is like, the tuner moves by single steps within its bounds and comes to rest', async () => {
  let seed = 3;
  const random = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  for (let round = 0; round < 20; round++) {
    const pauses = YOUNG_STEPS_BYTES.map(() => 0.2 + random() * 30);
    const rates = YOUNG_STEPS_BYTES.map(() => 2 + random() * 30);
    const at = (mib: number): number => Math.round(Math.log2(mib / 3));
    const plant: Plant = { pauseMs: (mib) => pauses[at(mib)]!, perSecond: (mib) => rates[at(mib)]! };
    const youngMib = 3 * 2 ** Math.floor(random() * 7);
    const { live, applied, tuner } = tuned({ plant, youngMib });
    using _tuner = tuner;
    await live(1_500, 5);
    const sizes = [youngMib, ...applied.map(({ mib }) => mib)];
    for (let i = 1; i < sizes.length; i++) expect(Math.abs(Math.log2(sizes[i]! / sizes[i - 1]!))).toBe(1);
    // Seven sizes, each visited at most once going there and once coming back.
    expect(applied.length).toBeLessThanOrEqual(14);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(192);
    expect(applied.every(({ atMs }) => atMs < 1_300_000)).toBe(true);
  }
});
