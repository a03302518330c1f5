import { expect, test } from 'vitest';
import { indexTable } from '../../../runtime/processes/tree/process-table.ts';
import { TableReadings } from '../../../runtime/processes/tree/table-readings.ts';
import { manualClock, settleMicrotasks } from '../../support/manual-clock.ts';

/** Readings that each take `readMs`. */
function openReadings(readMs: number) {
  const clock = manualClock();
  const starts: number[] = [];
  let failure: Error | undefined;
  const readings = new TableReadings({
    clock,
    instance: '00000000aa',
    usedMs: () => clock.monoMs(),
    read: async () => {
      starts.push(clock.monoMs());
      await clock.sleep(readMs);
      if (failure) throw failure;
      return indexTable([]);
    },
  });
  return { clock, readings, starts, fail: (error: Error | undefined) => (failure = error) };
}

test('a reading that has begun is not shared with who asks later, since it may have missed them', async () => {
  const { clock, readings, starts } = openReadings(5);
  const first = readings.fresh();
  await settleMicrotasks();
  const second = readings.fresh();
  const third = readings.fresh();
  await clock.advance(20);
  expect(await second).toBe(await third);
  expect(await first).not.toBe(await second);
  expect(starts).toEqual([0, 5]);
});

test('however many ask, readings take a tenth of the time in the long run', async () => {
  const { clock, readings, starts } = openReadings(5);
  const asker = async (): Promise<void> => {
    while (clock.monoMs() < 10_000) await readings.fresh();
  };
  const askers = [asker(), asker(), asker()];
  await clock.advance(10_000);
  expect(starts.length * 5).toBeLessThanOrEqual(10_000 * 0.1 + 50);
  expect(starts.length * 5).toBeGreaterThanOrEqual(10_000 * 0.09);
  await clock.advance(1_000);
  await Promise.all(askers);
});

test('a reading that costs much delays the next by a quarter of a second at most', async () => {
  const { clock, readings, starts } = openReadings(2_000);
  const first = readings.fresh();
  await clock.advance(2_000);
  await first;
  const second = readings.fresh();
  await clock.advance(2_250);
  await second;
  expect(starts).toEqual([0, 2_250]);
});

test('one that fails is told to its askers, and the next begins anew', async () => {
  const { clock, readings, fail } = openReadings(5);
  fail(new Error('no descriptors left'));
  const failed = readings.fresh().catch((error: unknown) => error);
  await clock.advance(10);
  expect(await failed).toMatchObject({ message: 'no descriptors left' });
  fail(undefined);
  const next = readings.fresh();
  await clock.advance(10);
  expect((await next).owned.size).toBe(0);
});
