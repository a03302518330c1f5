import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors/app-error.ts';
import { openGate, type Gate } from '../../../runtime/admission/gate.ts';
import { submitWhenRoom } from '../../../runtime/admission/submit-when-room.ts';
import { errorOf } from '../../support/error-of.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { manualWork } from '../../support/manual-work.ts';

function fullLane(clock: ManualClock): Gate {
  return openGate({ lanes: { io: { maxRunning: 1, queueCapacity: 0 } }, clock, closeGraceMs: 0 });
}

test('comes back until there is room, never sooner than the lane asks for', async () => {
  const clock = manualClock();
  await using gate = fullLane(clock);
  const permit = await gate.acquire('io');
  const waits: number[] = [];
  let startedAtMs = Number.NaN;
  const done = submitWhenRoom(gate, {
    lane: 'io',
    work: () => (startedAtMs = clock.monoMs()),
    clock,
    onRefused: (attempt, waitMs) => waits.push(attempt, waitMs),
    random: () => 0,
  });
  await clock.advance(0);
  expect(waits).toEqual([1, 50]);
  permit.release();
  await clock.advance(49);
  expect(startedAtMs).toBeNaN();
  await clock.advance(1);
  await expect(done).resolves.toBe(50);
});

test('waits longer each time, up to its ceiling', async () => {
  const clock = manualClock();
  await using gate = fullLane(clock);
  using _permit = await gate.acquire('io');
  const controller = new AbortController();
  const waits: number[] = [];
  const error = errorOf(
    submitWhenRoom(gate, {
      lane: 'io',
      work: () => 'never',
      admission: { signal: controller.signal },
      clock,
      onRefused: (_attempt, waitMs) => waits.push(waitMs),
      random: () => 0.999,
    }),
  );
  await clock.advance(60_000);
  for (const [index, waitMs] of waits.slice(0, 8).entries())
    expect(waitMs).toBeGreaterThan(Math.min(2_000, 10 * 2 ** index) * 0.99);
  expect(waits.at(-1)).toBeGreaterThan(1_998);
  controller.abort(new Error('enough'));
  await clock.advance(0);
  expect(await error).toMatchObject({ message: 'enough' });
  expect(clock.pendingCount).toBe(0);
});

test('work that ran and was itself refused somewhere is not run again', async () => {
  const clock = manualClock();
  await using gate = fullLane(clock);
  let runs = 0;
  const work = (): never => {
    runs++;
    throw new AppError('LANE_SATURATED', 'Another lane is full.', { details: { retryAfterMs: 1 } });
  };
  await expect(submitWhenRoom(gate, { lane: 'io', work, clock })).rejects.toMatchObject({ code: 'LANE_SATURATED' });
  expect(runs).toBe(1);
});

test('a thousand callers of a small lane all get their turn', async () => {
  const clock = manualClock();
  await using gate = openGate({ lanes: { io: { maxRunning: 4, queueCapacity: 8 } }, clock });
  const work = (): Promise<void> => clock.sleep(5);
  const all = Array.from({ length: 1_000 }, () => submitWhenRoom(gate, { lane: 'io', work, clock }));
  const everyone = Promise.all(all);
  for (let turns = 0; gate.stats()[0]!.completed < 1_000 && turns < 1_000; turns++) await clock.advance(20);
  await everyone;
  expect(gate.stats()[0]).toMatchObject({ completed: 1_000, running: 0, waiting: 0 });
});

test('refused callers are told to come back at the rate at which the lane ends work', async () => {
  const clock = manualClock();
  await using gate = openGate({ lanes: { io: { maxRunning: 10, queueCapacity: 10 } }, clock });
  const work = manualWork();
  const accepted = Array.from({ length: 20 }, () => gate.submit('io', work.run));
  await errorOf(gate.submit('io', work.run));
  for (let n = 0; n < 10; n++) {
    await clock.advance(10);
    work.finish();
    await clock.advance(0);
    void gate.submit('io', work.run);
  }
  const told: number[] = [];
  for (let n = 0; n < 20; n++) {
    const error = await errorOf(gate.submit('io', work.run));
    told.push(Number((error as AppError).details.retryAfterMs));
  }
  // One ends every 10 ms: the twentieth of them belongs 200 ms away.
  expect(told[0]).toBeLessThanOrEqual(20);
  expect(told.at(-1)).toBeGreaterThanOrEqual(190);
  expect(told.at(-1)).toBeLessThanOrEqual(220);
  for (let n = 0; n < 40; n++) {
    work.finish();
    await clock.advance(0);
  }
  await Promise.all(accepted);
});
