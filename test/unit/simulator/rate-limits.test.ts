import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openRateLimits } from '../../../runtime/providers/simulator/rate-limits.ts';
import { manualClock } from '../../support/manual-clock.ts';

test('no limits admit everything and say nothing', () => {
  const limits = openRateLimits(manualClock(), 0, 0);
  expect(limits.admit(1e9)).toEqual({
    retryAfterMs: undefined,
    refusedBy: undefined,
    requests: undefined,
    tokens: undefined,
  });
});

test('the wait that is given is enough, and a little less is not', async () => {
  const clock = manualClock();
  const limits = openRateLimits(clock, 60, 0);
  for (let count = 0; count < 60; count += 1) expect(limits.admit(1).retryAfterMs).toBeUndefined();
  const refused = limits.admit(1);
  expect(refused).toMatchObject({ retryAfterMs: 1000, refusedBy: 'requests', requests: { limit: 60, remaining: 0 } });
  await clock.advance(999);
  expect(limits.admit(1).retryAfterMs).toBe(1);
  await clock.advance(1);
  expect(limits.admit(1).retryAfterMs).toBeUndefined();
});

test('tokens of answers hold back later requests', async () => {
  const clock = manualClock();
  const limits = openRateLimits(clock, 0, 600);
  expect(limits.admit(100).tokens).toMatchObject({ limit: 600, remaining: 500 });
  limits.charge(800);
  expect(limits.admit(100)).toMatchObject({ refusedBy: 'tokens', retryAfterMs: 40_000, tokens: { remaining: 0 } });
  await clock.advance(40_000);
  expect(limits.admit(100).retryAfterMs).toBeUndefined();
});

test('a request larger than the allowance is admitted when the bucket is full', () => {
  const limits = openRateLimits(manualClock(), 0, 100);
  expect(limits.admit(5_000).retryAfterMs).toBeUndefined();
  expect(limits.admit(1).refusedBy).toBe('tokens');
});

test('never more than the burst and the refill are admitted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 }), async (gaps) => {
      const clock = manualClock();
      const limits = openRateLimits(clock, 12, 0);
      let admitted = 0;
      for (const gapMs of gaps) {
        await clock.advance(gapMs);
        while (limits.admit(1).retryAfterMs === undefined) admitted += 1;
        expect(admitted).toBeLessThanOrEqual(12 + (clock.monoMs() / 60_000) * 12 + 1e-6);
      }
    }),
    { numRuns: 30 },
  );
});
