import { expect, test } from 'vitest';
import { createSlices } from '../../../runtime/time/slices.ts';

/** Time that passes only when work is done. */
function workTime(): { now: number; work(ms: number): void } {
  const time = { now: 0, work: (ms: number) => void (time.now += ms) };
  return time;
}

test('work that never waits gives way to the event loop', async () => {
  const time = workTime();
  const slices = createSlices(() => time.now);
  let rounds = 0;
  let isDone = false;
  const count = (): void => {
    rounds += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const chain = async (): Promise<void> => {
    for (let step = 0; step < 100; step++) {
      await slices.pass();
      time.work(1);
    }
  };
  await Promise.all([chain(), chain(), chain()]);
  isDone = true;
  expect(rounds).toBeGreaterThan(50);
});

test('a slice that lasts lets work through without waiting', async () => {
  const time = workTime();
  const slices = createSlices(() => time.now);
  await slices.pass();
  expect(slices.pass()).toBeUndefined();
  time.work(5);
  expect(slices.pass()).toBeInstanceOf(Promise);
});

test('those who wait are let through in order, and each exactly once', async () => {
  const time = workTime();
  const slices = createSlices(() => time.now);
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 500 }, async (_, index) => {
      await slices.pass();
      time.work(0.5);
      order.push(index);
    }),
  );
  expect(order).toEqual(Array.from({ length: 500 }, (_, index) => index));
});
