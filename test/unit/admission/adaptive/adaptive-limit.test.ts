import { expect, test } from 'vitest';
import { AdaptiveLimit } from '../../../../runtime/admission/adaptive/adaptive-limit.ts';

/** A server that does `capacity` pieces of work at once in `baseMs`; what comes above that shares its time. */
class Plant {
  nowMs = 0;
  capacity: number;
  baseMs: number;
  /** Above this many at once it fails one in two. */
  breaksAbove = Number.POSITIVE_INFINITY;
  /** How many callers there are. */
  demand = Number.POSITIVE_INFINITY;
  private readonly noise: () => number;

  constructor(capacity: number, baseMs: number, noise: () => number = () => 1) {
    this.capacity = capacity;
    this.baseMs = baseMs;
    this.noise = noise;
  }

  /** Drives the limit for `ms` in generations of work; answers the limits it went through. */
  drive(limit: AdaptiveLimit, ms: number): number[] {
    const seen: number[] = [];
    const untilMs = this.nowMs + ms;
    while (this.nowMs < untilMs) {
      const running = Math.min(limit.limit, this.demand);
      const runMs = this.baseMs * Math.max(1, running / this.capacity);
      this.nowMs += runMs;
      for (let index = 0; index < running; index++) {
        const hasFailed = running > this.breaksAbove && index % 2 === 0;
        limit.noteEnd(runMs * this.noise(), hasFailed, running);
      }
      seen.push(limit.limit);
    }
    return seen;
  }
}

function limitOn(plant: Plant, initial = 4): AdaptiveLimit {
  return new AdaptiveLimit({ min: 2, max: 500, initial, clock: { monoMs: () => plant.nowMs } });
}

/** Pseudo-random factors around 1, the same in every run. */
function noise(spread: number): () => number {
  let state = 1;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return 1 + spread * (state / 2_147_483_647 - 0.5);
  };
}

/** The limits without the probes, which halve it on purpose. */
function settled(limits: readonly number[]): readonly number[] {
  const middle = limits.toSorted((a, b) => a - b)[limits.length >> 1]!;
  return limits.filter((one) => one > middle * 0.6);
}

test.for([
  { capacity: 20, initial: 4 },
  { capacity: 20, initial: 400 },
  { capacity: 100, initial: 4 },
  { capacity: 100, initial: 400 },
])(
  'from $initial it finds a capacity of $capacity and stays in a band of a third above it',
  ({ capacity, initial }) => {
    const plant = new Plant(capacity, 20, noise(0.2));
    const limit = limitOn(plant, initial);
    plant.drive(limit, 60_000);
    const seen = settled(plant.drive(limit, 60_000));
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(capacity * 0.95);
    expect(Math.max(...seen)).toBeLessThanOrEqual(capacity * 1.4 + 2);
    // Of all that it went through, the middle nine tenths differ by less than a tenth: it does not oscillate.
    const sorted = seen.toSorted((a, b) => a - b);
    const [low, high] = [0.05, 0.95].map((part) => sorted[Math.floor(part * sorted.length)]!);
    expect(high! / low!).toBeLessThan(1.25);
  },
);

test('follows a capacity that falls to a third and one that comes back, within half a minute', () => {
  const plant = new Plant(90, 20);
  const limit = limitOn(plant);
  plant.drive(limit, 60_000);
  plant.capacity = 30;
  plant.drive(limit, 30_000);
  expect(Math.max(...settled(plant.drive(limit, 20_000)))).toBeLessThanOrEqual(30 * 1.4 + 2);
  plant.capacity = 90;
  plant.drive(limit, 30_000);
  expect(Math.min(...settled(plant.drive(limit, 20_000)))).toBeGreaterThanOrEqual(90 * 0.95);
});

test('takes a longer unloaded latency for what it is, and not for a queue', () => {
  const plant = new Plant(50, 20);
  const limit = limitOn(plant);
  plant.drive(limit, 60_000);
  plant.baseMs = 60;
  plant.drive(limit, 60_000);
  expect(Math.min(...settled(plant.drive(limit, 30_000)))).toBeGreaterThanOrEqual(45);
});

test('is cut when work fails and settles below where it begins to', () => {
  const plant = new Plant(1_000, 20);
  plant.breaksAbove = 40;
  const limit = limitOn(plant, 200);
  const seen = plant.drive(limit, 120_000);
  const late = seen.slice(seen.length >> 1);
  expect(Math.max(...late)).toBeLessThanOrEqual(44);
  expect(late.reduce((sum, one) => sum + one, 0) / late.length).toBeGreaterThan(25);
});

test('does not grow while less than half of it is used', () => {
  const plant = new Plant(1_000, 20);
  plant.demand = 10;
  const limit = limitOn(plant);
  plant.drive(limit, 60_000);
  expect(limit.limit).toBeLessThanOrEqual(21);
});

test('stays between its bounds', () => {
  const roomy = new Plant(10_000, 20);
  const most = limitOn(roomy);
  roomy.drive(most, 300_000);
  expect(Math.max(...roomy.drive(most, 10_000))).toBe(500);
  const broken = new Plant(10, 20);
  broken.breaksAbove = 0;
  const least = limitOn(broken, 100);
  broken.drive(least, 60_000);
  expect(least.limit).toBe(2);
});

test('bounds that contradict each other are refused', () => {
  const clock = { monoMs: () => 0 };
  for (const options of [
    { min: 0, max: 1 },
    { min: 5, max: 4 },
    { min: 1, max: 4, initial: 5 },
    { min: 1.5, max: 4 },
  ]) {
    expect(() => new AdaptiveLimit({ ...options, clock })).toThrow(
      expect.objectContaining({ code: 'SETTING_INVALID' }),
    );
  }
});
