import { expect, test } from 'vitest';
import { DeadlineWheel } from '../../../runtime/admission/deadline-wheel.ts';
import { Deadlines } from '../../../runtime/admission/deadlines.ts';
import { WaitingLines } from '../../../runtime/admission/waiting/waiting-lines.ts';
import { WaitingRecords } from '../../../runtime/admission/waiting/waiting-records.ts';
import { CoarseClock } from '../../../runtime/time/coarse-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';

const DEPTHS = [1_000, 1_000_000];
const SAMPLES = 500;
const NOTHING = (): void => {};

/** Puts a counter before every array of typed numbers that `target` keeps: each element read or written is one operation. */
function countAccesses(target: object): () => number {
  let count = 0;
  const fields = target as Record<string, unknown>;
  for (const [name, array] of Object.entries(fields)) {
    if (!ArrayBuffer.isView(array)) continue;
    fields[name] = new Proxy(array as unknown as Record<string, number>, {
      get: (from, key) => (count++, from[key as string]),
      set: (from, key, value: number) => (count++, (from[key as string] = value), true),
    });
  }
  return () => count;
}

/** Operations of the dearest of many calls of `operation`, spread over `depth` records. */
function dearest(depth: number, count: () => number, operation: (record: number) => void): number {
  let most = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const before = count();
    operation(Math.floor((sample * depth) / SAMPLES));
    most = Math.max(most, count() - before);
  }
  return most;
}

function linesOf(depth: number): { readonly lines: WaitingLines; readonly records: WaitingRecords } {
  const clock = manualClock();
  const records = new WaitingRecords(new Deadlines(clock, new CoarseClock(clock), 64, NOTHING));
  const lines = new WaitingLines(records, { isHeld: () => false, weightOf: () => 1 }, 8);
  for (let index = 0; index < depth; index++) {
    const record = records.add(undefined, NOTHING, NOTHING);
    records.cost[record] = 1_000;
    lines.push(record, `run/${index % 100}`, 'normal');
  }
  return { lines, records };
}

test('taking a waiting record out, or starting the next, takes as few operations among a million as among a thousand', () => {
  const [few, many] = DEPTHS.map((depth) => {
    const { lines, records } = linesOf(depth);
    const count = countAccesses(records);
    const cancel = dearest(depth, count, (record) => lines.remove(record));
    const start = dearest(depth, count, () => lines.takeFirst(lines.first()));
    return { cancel, start };
  });
  // What is at the end of its line has one neighbour less.
  expect(Math.max(few!.cancel, few!.start)).toBeLessThanOrEqual(5);
  expect(Math.max(many!.cancel, many!.start)).toBeLessThanOrEqual(5);
});

test('a deadline is set and taken back in as few operations among a million as among a thousand', () => {
  const [few, many] = DEPTHS.map((depth) => {
    const wheel = new DeadlineWheel(0, depth + SAMPLES);
    for (let record = 0; record < depth; record++) wheel.add(record, 0, 1_000 + ((record * 7_919) % 3_600_000));
    const count = countAccesses(wheel);
    const remove = dearest(depth, count, (record) => wheel.remove(record));
    let next = depth;
    const add = dearest(depth, count, (record) => wheel.add(next++, 0, 1_000 + ((record * 7_919) % 3_600_000)));
    return { remove, add };
  });
  expect(many!.remove).toBeLessThanOrEqual(few!.remove + 1);
  expect(Math.max(many!.remove, many!.add, few!.add)).toBeLessThan(12);
});
