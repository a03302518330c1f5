import { expect, test } from 'vitest';
import { TimeHistogram } from '../../../runtime/telemetry/time-histogram.ts';

test('a percentile is within 2.2 % of the true one, from microseconds to hours', () => {
  const random = (
    (seed) => () =>
      (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  )(11);
  for (let round = 0; round < 50; round++) {
    const histogram = new TimeHistogram();
    const values = Array.from({ length: 1 + Math.floor(random() * 500) }, () => 0.011 * 10 ** (random() * 9));
    for (const ms of values) histogram.record(ms);
    const sorted = values.toSorted((a, b) => a - b);
    for (const ratio of [0.01, 0.5, 0.9, 0.99, 1]) {
      const exact = sorted[Math.ceil(ratio * sorted.length) - 1]!;
      expect(Math.abs(histogram.percentileMs(ratio) / exact - 1)).toBeLessThan(0.0221);
    }
  }
});

test('nothing recorded has no percentile, and clearing forgets all', () => {
  const histogram = new TimeHistogram();
  expect(histogram.percentileMs(0.5)).toBeNaN();
  histogram.record(5);
  expect(histogram.count).toBe(1);
  histogram.clear();
  expect(histogram.count).toBe(0);
  expect(histogram.percentileMs(0.5)).toBeNaN();
});

test('no time at all is 0, and days count as the longest there is', () => {
  const histogram = new TimeHistogram();
  histogram.record(0);
  expect(histogram.percentileMs(1)).toBe(0);
  histogram.record(1e12);
  expect(histogram.percentileMs(1)).toBeGreaterThan(4e7);
});
