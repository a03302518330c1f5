// oxlint-disable vitest/no-conditional-expect -- what holds depends on the steps drawn
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { DeadlineWheel, MAX_DEADLINE_MS } from '../../../runtime/admission/deadline-wheel.ts';

const RECORDS = 64;

/** What a test does to a wheel and to the plain list that it must agree with. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      record: fc.nat(RECORDS - 1),
      ms: fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(MAX_DEADLINE_MS), fc.double({ min: 0, max: 200, noNaN: true })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), record: fc.nat(RECORDS - 1) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.oneof(fc.nat(5), fc.nat(2_000), fc.nat(2 ** 30), fc.double({ min: 0, max: 40, noNaN: true })),
    }),
  },
);

test('each deadline is due once, never early, late by less than a tick of 1 ms, and not after it was removed', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200, size: 'max' }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (steps, startMs) => {
        const wheel = new DeadlineWheel(startMs, RECORDS);
        const due = new Map<number, number>();
        let nowMs = startMs;
        for (const one of steps) {
          if (one.kind === 'add' && !due.has(one.record)) {
            wheel.add(one.record, nowMs, nowMs + one.ms);
            due.set(one.record, nowMs + one.ms);
          } else if (one.kind === 'remove') {
            wheel.remove(one.record);
            due.delete(one.record);
          } else if (one.kind === 'advance') {
            nowMs += one.ms;
            wheel.advance(nowMs, (record) => {
              expect(due.get(record)).toBeLessThanOrEqual(nowMs);
              due.delete(record);
            });
            for (const dueMs of due.values()) expect(dueMs).toBeGreaterThan(nowMs - 2);
          }
          expect(wheel.size).toBe(due.size);
          const nextMs = wheel.nextMs(nowMs);
          if (due.size === 0) expect(nextMs).toBeUndefined();
          else expect(nextMs).toBeLessThanOrEqual(Math.max(nowMs, ...due.values()) + 2);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('waking up when the wheel says so is enough, and few wake-ups suffice', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: RECORDS, size: 'max' }), (delays) => {
      const wheel = new DeadlineWheel(0, RECORDS);
      delays.forEach((ms, record) => wheel.add(record, 0, ms));
      const dueAt = new Map<number, number>();
      let wakeUps = 0;
      for (let nextMs = wheel.nextMs(0); nextMs !== undefined; nextMs = wheel.nextMs(nextMs)) {
        const nowMs = nextMs;
        wakeUps++;
        wheel.advance(nowMs, (record) => dueAt.set(record, nowMs));
      }
      delays.forEach((ms, record) => {
        expect(dueAt.get(record)).toBeGreaterThanOrEqual(ms);
        expect(dueAt.get(record)).toBeLessThanOrEqual(ms + 1);
      });
      // Each record is sorted down at most once a level.
      expect(wakeUps).toBeLessThanOrEqual(delays.length * 6);
    }),
    { numRuns: 100 },
  );
});

test('records that end up in one slot all come due, also while more are added', () => {
  const wheel = new DeadlineWheel(0, 16);
  for (let record = 0; record < 8; record++) wheel.add(record, 0, 10);
  wheel.grow(32);
  const due: number[] = [];
  wheel.advance(10, (record) => {
    due.push(record);
    if (record < 8) wheel.add(record + 16, 10, 10);
  });
  wheel.advance(11, (record) => due.push(record));
  expect(due.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
});

test('the longest deadline is never taken for one that has passed, wherever its times fall between ticks', () => {
  const wheel = new DeadlineWheel(0, 8);
  const due: number[] = [];
  wheel.add(0, 0.5, 0.5 + MAX_DEADLINE_MS);
  wheel.advance(1.5, (record) => due.push(record));
  expect(due).toEqual([]);
  wheel.advance(MAX_DEADLINE_MS, (record) => due.push(record));
  expect(due).toEqual([]);
  wheel.advance(MAX_DEADLINE_MS + 2, (record) => due.push(record));
  expect(due).toEqual([0]);
});
