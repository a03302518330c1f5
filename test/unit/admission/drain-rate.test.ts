import { expect, test } from 'vitest';
import { isAppError } from '../../../shared/errors/app-error.ts';
import { openGate } from '../../../runtime/admission/gate.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { ComeBack } from '../../../runtime/admission/come-back.ts';
import { DrainRate } from '../../../runtime/admission/drain-rate.ts';

test('goes by the guess until something was measured, then by what has ended', () => {
  const rate = new DrainRate();
  expect(rate.perMs(0, 100, 7)).toBe(7);
  expect(rate.perMs(4, 140, 7)).toBe(7);
  expect(rate.perMs(10, 200, 7)).toBe(10);
});

test('follows a changed rate within two seconds', () => {
  const rate = new DrainRate();
  let ended = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs += 50) rate.perMs(nowMs, (ended += 500), 0);
  for (let nowMs = 10_000; nowMs <= 12_100; nowMs += 50) rate.perMs(nowMs, (ended += 50), 0);
  expect(rate.perMs(12_150, ended + 50, 0)).toBeCloseTo(1, 5);
});

test('forgets what it measured before a silence, in which there may have been nothing to do', () => {
  const rate = new DrainRate();
  rate.perMs(0, 0, 3);
  expect(rate.perMs(100, 1_000, 3)).toBe(10);
  expect(rate.perMs(5_000, 1_001, 3)).toBe(3);
  expect(rate.perMs(5_100, 1_401, 3)).toBe(4);
});

test('those who are refused are told to come back one after the other, at the rate at which the lane ends work', () => {
  const comeBack = new ComeBack();
  const told = Array.from({ length: 100 }, () => comeBack.afterMs(0, 0.1));
  expect(told[0]).toBe(10);
  expect(told[99]).toBe(1_000);
  // Half a second later fifty of them have had their turn.
  expect(comeBack.afterMs(500, 0.1)).toBe(510);
  // A quiet second later nobody is waiting any more.
  expect(comeBack.afterMs(1_600, 0.1)).toBe(10);
});

test('what is told has bounds, and a fixed wait before anything is known', () => {
  const comeBack = new ComeBack();
  expect(comeBack.afterMs(0, 0)).toBe(50);
  expect(comeBack.afterMs(0, 1e-9)).toBe(30_000);
  expect(comeBack.afterMs(0, 1e9)).toBe(1);
});

test('a full lane tells callers to come back at the rate at which it really ends work', async () => {
  const clock = manualClock();
  const lanes = { io: { maxRunning: 2, queueCapacity: 3 } };
  await using gate = openGate({ lanes, clock, closeGraceMs: 0 });
  const told: number[] = [];
  let isOpen = true;
  // Five callers fill two slots and the queue for good: one piece of work ends every 5 ms.
  const caller = (): void => {
    if (isOpen) void gate.submit('io', () => clock.sleep(10)).then(caller);
  };
  for (let index = 0; index < 5; index++) caller();
  const refused = (error: unknown): void => {
    if (isAppError(error, 'LANE_SATURATED')) told.push(Number(error.details.retryAfterMs));
  };
  for (let ms = 0; ms < 3_000; ms += 100) {
    gate.submit('io', () => {}).catch(refused);
    await clock.advance(100);
  }
  told.length = 0;
  for (let index = 0; index < 40; index++) gate.submit('io', () => {}).catch(refused);
  await clock.advance(0);
  expect(told.length).toBe(40);
  expect(told[0]).toBe(5);
  expect(told[39]).toBe(200);
  isOpen = false;
  await clock.advance(100);
});
