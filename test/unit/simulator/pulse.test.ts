import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openPulse } from '../../../runtime/providers/simulator/pulse.ts';
import { manualClock } from '../../support/manual-clock.ts';

/** One slot of the wheel. */
const TICK_MS = 4;

test('a thousand beats share one timer', async () => {
  const clock = manualClock();
  using pulse = openPulse(clock);
  let fired = 0;
  for (let index = 0; index < 1000; index += 1) {
    pulse.add({ due: () => void (fired += 1) }, index);
  }
  expect(clock.pendingCount).toBe(1);
  await clock.advance(1000 + TICK_MS);
  expect({ fired, size: pulse.size, timers: clock.pendingCount }).toEqual({ fired: 1000, size: 0, timers: 0 });
});

test('each beat comes at its time or one tick after, never before, also beyond one round of the wheel', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 40 }), async (times) => {
      const clock = manualClock();
      using pulse = openPulse(clock);
      const late: number[] = [];
      for (const atMs of times) pulse.add({ due: (nowMs) => void late.push(nowMs - atMs) }, atMs);
      await clock.advance(20_000 + TICK_MS);
      expect(late).toHaveLength(times.length);
      expect(late.every((ms) => ms >= 0 && ms <= TICK_MS)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('a beat comes again as often as it asks and then never', async () => {
  const clock = manualClock();
  using pulse = openPulse(clock);
  const seen: number[] = [];
  pulse.add(
    {
      due(nowMs) {
        seen.push(nowMs);
        return seen.length < 3 ? nowMs + 100 : undefined;
      },
    },
    10,
  );
  await clock.advance(1_000);
  expect(seen).toEqual([12, 112, 212]);
});

test('a closed pulse has no timer', () => {
  const clock = manualClock();
  const pulse = openPulse(clock);
  pulse.add({ due: () => undefined }, 10);
  pulse[Symbol.dispose]();
  expect(clock.pendingCount).toBe(0);
});
