import { expect, test } from 'vitest';
import { ArrivalScaler, type WantedWorkers } from '../../../../runtime/admission/adaptive/arrival-scaler.ts';

const RUN_MS = 100;

/** Arrivals second by second, each second's spread evenly over tenths of it. */
class Stream {
  nowMs = 0;
  readonly scaler: ArrivalScaler;

  constructor(bounds: { readonly min: number; readonly max: number } = { min: 1, max: 100 }) {
    this.scaler = new ArrivalScaler({ ...bounds, clock: { monoMs: () => this.nowMs } });
  }

  run(seconds: number, perSec: (second: number) => number): WantedWorkers[] {
    return Array.from({ length: seconds }, (_, second) => {
      const count = perSec(second);
      for (let tenth = 0; tenth < 10; tenth++) {
        this.scaler.noteArrivals(count / 10);
        this.nowMs += 100;
      }
      return this.scaler.wanted(RUN_MS);
    });
  }
}

/** Numbers of arrivals as chance has them (Poisson, by Knuth's method), the same in every run. */
function poisson(mean: number): () => number {
  let state = 42;
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  return () => {
    let count = 0;
    for (let product = random(); product > Math.exp(-mean); product *= random()) count++;
    return count;
  };
}

function changes(wanted: readonly WantedWorkers[]): number {
  return wanted.filter(({ workers }, index) => index > 0 && workers !== wanted[index - 1]!.workers).length;
}

test('arrivals at random are measured on the long scale and the number of workers stays', () => {
  const stream = new Stream();
  stream.run(60, poisson(100));
  const wanted = stream.run(600, poisson(100));
  // 100 a second of 100 ms each keep ten busy: 15 at 70 %.
  for (const { workers, scale } of wanted) {
    expect(scale).toBe('long');
    expect(workers).toBeGreaterThanOrEqual(14);
    expect(workers).toBeLessThanOrEqual(17);
  }
  expect(changes(wanted)).toBeLessThanOrEqual(20);
});

test('a step up is seen on the short scale and answered within it; a step down when nothing needed them for 30 s', () => {
  const stream = new Stream();
  stream.run(60, () => 20);
  expect(stream.scaler.wanted(RUN_MS)).toMatchObject({ workers: 3, scale: 'long' });
  const up = stream.run(40, () => 200);
  expect(up[1]!.scale).toBe('short');
  expect(up[7]!.workers).toBe(29);
  const down = stream.run(60, () => 20);
  expect(down[27]!.workers).toBe(29);
  expect(down[40]!.workers).toBe(3);
  // Once up and once down, in steps, never back and forth.
  expect(down.every(({ workers }, index) => index === 0 || workers <= down[index - 1]!.workers)).toBe(true);
});

test('bursts that come again within the long scale keep their workers', () => {
  const stream = new Stream();
  stream.run(120, (second) => (second % 20 < 10 ? 200 : 0));
  const wanted = stream.run(200, (second) => (second % 20 < 10 ? 200 : 0));
  const workers = wanted.map((one) => one.workers);
  expect(Math.min(...workers)).toBeGreaterThanOrEqual(Math.max(...workers) * 0.9);
  expect(changes(wanted)).toBe(0);
});

test('stays between its bounds, also when nothing has come for a long time', () => {
  const stream = new Stream({ min: 2, max: 10 });
  expect(stream.scaler.wanted(RUN_MS)).toEqual({ workers: 2, arrivalsPerSec: 0, scale: 'long' });
  stream.run(40, () => 10_000);
  expect(stream.scaler.wanted(RUN_MS).workers).toBe(10);
  stream.nowMs += 3_600_000;
  expect(stream.scaler.wanted(RUN_MS)).toEqual({ workers: 2, arrivalsPerSec: 0, scale: 'long' });
});

test('bounds that contradict each other are refused', () => {
  for (const bounds of [
    { min: -1, max: 1 },
    { min: 3, max: 2 },
    { min: 0.5, max: 2 },
  ]) {
    expect(() => new Stream(bounds)).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
  }
});
