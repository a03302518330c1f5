import { expect, test } from 'vitest';
import { CoarseClock } from '../../../runtime/time/coarse-clock.ts';
import { systemClock, type Clock } from '../../../runtime/time/clock.ts';
import { errorOf } from '../../support/error-of.ts';
import { manualClock } from '../../support/manual-clock.ts';

const clocks: readonly [string, () => { clock: Clock; pass: (ms: number) => Promise<void> }][] = [
  ['the clock of the machine', () => ({ clock: systemClock, pass: (ms) => systemClock.sleep(ms + 1) })],
  [
    'the clock of a test',
    () => {
      const clock = manualClock();
      return { clock, pass: (ms) => clock.advance(ms) };
    },
  ],
];

for (const [name, open] of clocks) {
  test(`${name} fires a timer once, not before its time, and not when it was stopped`, async () => {
    const { clock, pass } = open();
    const startMs = clock.monoMs();
    const firedMs: number[] = [];
    using _timer = clock.after(5, () => firedMs.push(clock.monoMs() - startMs));
    const stopped = clock.after(1, () => firedMs.push(-1));
    stopped[Symbol.dispose]();
    await pass(5);
    await pass(5);
    expect(firedMs).toHaveLength(1);
    // The machine's timers count whole milliseconds.
    expect(firedMs[0]).toBeGreaterThan(3.9);
  });

  test(`${name} sleeps until its time or until the signal aborts, with the signal's reason`, async () => {
    const { clock, pass } = open();
    const slept = clock.sleep(2);
    await pass(2);
    await slept;
    const controller = new AbortController();
    const reason = new Error('enough');
    const error = errorOf(clock.sleep(60_000, controller.signal));
    controller.abort(reason);
    expect(await error).toBe(reason);
    expect(await errorOf(clock.sleep(1, controller.signal))).toBe(reason);
  });

  test(`${name} goes forward`, async () => {
    const { clock, pass } = open();
    const [nowMs, monoMs] = [clock.nowMs(), clock.monoMs()];
    await pass(3);
    expect(clock.nowMs() - nowMs).toBeGreaterThanOrEqual(2);
    expect(clock.monoMs() - monoMs).toBeGreaterThanOrEqual(2);
  });
}

test('a timer that is too long for the machine does not fire at once', async () => {
  let fired = false;
  using timer = systemClock.after(2 ** 40, () => (fired = true));
  timer.keepAlive(false);
  await systemClock.sleep(5);
  expect(fired).toBe(false);
});

test('timers of a manual clock fire in order, each at its own time', async () => {
  const clock = manualClock();
  const fired: string[] = [];
  clock.after(20, () => fired.push(`b@${clock.monoMs()}`));
  clock.after(10, () => {
    fired.push(`a@${clock.monoMs()}`);
    clock.after(5, () => fired.push(`c@${clock.monoMs()}`));
  });
  await clock.advance(20);
  expect(fired).toEqual(['a@10', 'c@15', 'b@20']);
});

test('a coarse clock reads the real one seldom, and never answers what was read in an earlier turn', async () => {
  let readings = 0;
  let nowMs = 0;
  const coarse = new CoarseClock({ ...manualClock(), monoMs: () => (readings++, nowMs) });
  for (let n = 0; n < 640; n++) coarse.monoMs();
  expect(readings).toBe(10);
  nowMs = 5;
  await Promise.resolve();
  expect(coarse.monoMs()).toBe(5);
  nowMs = 6;
  expect(coarse.monoMs()).toBe(5);
  expect(coarse.refresh()).toBe(6);
});
