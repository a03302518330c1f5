import { expect, test } from 'vitest';
import { openStopSignal } from '../../../runtime/workers/stop-signal.ts';
import { manualClock } from '../../support/manual-clock.ts';

test('a call without limits has no signal and no timer', () => {
  const clock = manualClock();
  using stop = openStopSignal({}, clock);
  expect(stop.signal).toBeUndefined();
  expect(stop.reason()).toBeUndefined();
  expect(clock.pendingCount).toBe(0);
});

test('what comes first is the reason, the deadline or the caller', async () => {
  const clock = manualClock();
  const controller = new AbortController();
  using late = openStopSignal({ deadlineMs: 10, signal: controller.signal }, clock);
  using cancelled = openStopSignal({ deadlineMs: 30, signal: controller.signal }, clock);
  await clock.advance(20);
  controller.abort(new Error('enough'));
  await clock.advance(20);
  expect(late.reason()).toMatchObject({ code: 'TASK_TIMED_OUT' });
  expect(cancelled.reason()).toMatchObject({ code: 'TASK_CANCELLED', cause: controller.signal.reason as Error });
  expect([late.signal?.aborted, cancelled.signal?.aborted]).toEqual([true, true]);
});

test('a call that has ended leaves no timer and no longer listens', () => {
  const clock = manualClock();
  const controller = new AbortController();
  const stop = openStopSignal({ deadlineMs: 10, signal: controller.signal }, clock);
  stop[Symbol.dispose]();
  controller.abort();
  expect(stop.signal?.aborted).toBe(false);
  expect(clock.pendingCount).toBe(0);
});

test('a caller that has already given up stops the call at once', () => {
  using stop = openStopSignal({ signal: AbortSignal.abort() }, manualClock());
  expect(stop.signal?.aborted).toBe(true);
  expect(stop.reason()).toMatchObject({ code: 'TASK_CANCELLED' });
});
