import { expect, test } from 'vitest';
import fc from 'fast-check';
import { SampleRing } from '../../../runtime/telemetry/sample-ring.ts';
import { Sampler } from '../../../runtime/telemetry/sampler.ts';

test('an empty ring has no percentiles', () => {
  expect(new SampleRing().percentiles(0.5)).toBeUndefined();
});

test('percentiles are those of the last 1,024 samples', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 3_000, size: 'max' }),
      (values) => {
        const ring = new SampleRing();
        for (const value of values) ring.record(value);
        const kept = values.slice(-1024).toSorted((a, b) => a - b);
        const expected = [0.5, 0.99, 1].map((ratio) => kept[Math.ceil(ratio * kept.length) - 1]);
        expect(ring.percentiles(0.5, 0.99, 1)).toEqual(expected);
      },
    ),
    { numRuns: 50 },
  );
});

test('a sampler takes everything while little happens', () => {
  const sampler = new Sampler();
  for (let ms = 0; ms < 1_000; ms += 10) {
    expect(sampler.isNext()).toBe(true);
    sampler.taken(ms);
  }
});

test('under load a sampler takes about 1 in 64, at uneven distances, and everything again afterwards', () => {
  const sampler = new Sampler();
  const at: number[] = [];
  for (let n = 0; n < 100_000; n++) {
    if (!sampler.isNext()) continue;
    at.push(n);
    sampler.taken(n / 1_000_000);
  }
  expect(at.length).toBeGreaterThan(100_000 / 80);
  expect(at.length).toBeLessThan(100_000 / 50);
  const distances = new Set(at.slice(20).map((n, index) => n - (at[index + 19] ?? 0)));
  expect(distances.size).toBeGreaterThan(50);
  let taken = 0;
  for (let ms = 1_000; ms < 10_000; ms += 10) {
    if (!sampler.isNext()) continue;
    taken++;
    sampler.taken(ms);
  }
  expect(taken).toBeGreaterThan(700);
});
