// oxlint-disable vitest/no-conditional-expect -- what holds depends on the steps drawn
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { openTokenBucket } from '../../../runtime/admission/token-bucket.ts';
import { manualClock } from '../../support/manual-clock.ts';

test('a tenth of a minute may be taken at once, then the rest comes evenly', async () => {
  const clock = manualClock();
  const pace = openTokenBucket({ requestsPerMin: 60, clock });
  for (let n = 0; n < 6; n++) expect(pace.take(0)).toBe(0);
  expect(pace.take(0)).toBeCloseTo(1_000);
  await clock.advance(999);
  expect(pace.take(0)).toBeCloseTo(1);
  await clock.advance(1);
  expect(pace.take(0)).toBe(0);
  expect(pace.take(0)).toBeCloseTo(1_000);
});

test('tokens and requests must both be there, and a refused take charges neither', async () => {
  const clock = manualClock();
  const pace = openTokenBucket({ requestsPerMin: 600, tokensPerMin: 60_000, clock });
  expect(pace.take(6_000)).toBe(0);
  expect(pace.take(1_000)).toBeCloseTo(1_000);
  for (let n = 0; n < 59; n++) expect(pace.take(0)).toBe(0);
  expect(pace.take(0)).toBeGreaterThan(0);
  await clock.advance(1_000);
  expect(pace.take(1_000)).toBe(0);
});

test('what is larger than the bucket waits until it is full, passes, and is paid for afterwards', async () => {
  const clock = manualClock();
  const pace = openTokenBucket({ tokensPerMin: 60_000, clock });
  expect(pace.take(1_000)).toBe(0);
  expect(pace.take(12_000)).toBeCloseTo(1_000);
  await clock.advance(1_000);
  expect(pace.take(12_000)).toBe(0);
  expect(pace.take(1)).toBeCloseTo(6_001);
});

test('the real number of tokens is charged or given back', () => {
  const clock = manualClock();
  const pace = openTokenBucket({ tokensPerMin: 60_000, clock });
  expect(pace.take(5_000)).toBe(0);
  pace.charge(2_000);
  expect(pace.take(1_000)).toBeCloseTo(2_000);
  pace.refund(5_000);
  expect(pace.take(4_000)).toBe(0);
  pace.refund(1_000_000);
  expect(pace.take(6_000)).toBe(0);
  expect(pace.take(1)).toBeGreaterThan(0);
});

test('a hold stops everything for its time, the longest one counts', async () => {
  const clock = manualClock();
  const pace = openTokenBucket({ requestsPerMin: 600, clock });
  pace.holdFor(5_000);
  pace.holdFor(1_000);
  expect(pace.take(0)).toBe(5_000);
  await clock.advance(5_000);
  expect(pace.take(0)).toBe(0);
});

test('without limits nothing waits; a limit that is not above 0 is refused and changes nothing', () => {
  const clock = manualClock();
  const free = openTokenBucket({ clock });
  for (let n = 0; n < 10_000; n++) expect(free.take(1e9)).toBe(0);
  expect(() => openTokenBucket({ requestsPerMin: 0, clock })).toThrow(
    expect.objectContaining({ code: 'SETTING_INVALID' }),
  );
  const pace = openTokenBucket({ requestsPerMin: 10, clock });
  expect(() => pace.reconfigure({ tokensPerMin: Number.NaN })).toThrow(/tokensPerMin is NaN/);
  expect(pace.take(0)).toBe(0);
  expect(pace.take(0)).toBeGreaterThan(0);
});

test('new limits hold at once and do not fill the bucket', async () => {
  const clock = manualClock();
  const pace = openTokenBucket({ requestsPerMin: 60, clock });
  for (let n = 0; n < 6; n++) pace.take(0);
  pace.reconfigure({ requestsPerMin: 600 });
  expect(pace.take(0)).toBeCloseTo(100);
  pace.reconfigure({});
  expect(pace.take(0)).toBe(0);
});

test('never more passes in any time than its share and one bucket, and waiting as told always suffices', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6_000 }),
      fc.array(fc.record({ tokens: fc.nat(500), pauseMs: fc.nat(300) }), { minLength: 1, maxLength: 60, size: 'max' }),
      async (tokensPerMin, takes) => {
        const clock = manualClock();
        const pace = openTokenBucket({ tokensPerMin, clock });
        const bucket = Math.max(1, tokensPerMin / 10);
        let taken = 0;
        for (const { tokens, pauseMs } of takes) {
          await clock.advance(pauseMs);
          const waitMs = pace.take(tokens);
          if (waitMs > 0) {
            await clock.advance(waitMs);
            expect(pace.take(tokens)).toBe(0);
          }
          // What is larger than the bucket is let through on credit.
          expect(taken + Math.min(tokens, bucket)).toBeLessThanOrEqual(
            bucket + (clock.monoMs() * tokensPerMin) / 60_000 + 1e-3,
          );
          taken += tokens;
        }
      },
    ),
    { numRuns: 60 },
  );
});
