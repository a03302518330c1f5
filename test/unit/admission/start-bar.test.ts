import { expect, test } from 'vitest';
import { openGate, type Gate } from '../../../runtime/admission/gate.ts';
import type { StartBar } from '../../../runtime/admission/start-bar.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { errorOf } from '../../support/error-of.ts';
import { manualClock, settleMicrotasks } from '../../support/manual-clock.ts';
import { manualWork } from '../../support/manual-work.ts';

const clock = manualClock();
const nothing = (): void => {};
const limits = { maxRunning: 4, queueCapacity: 100 };
const openBarGate = (): Gate => openGate({ lanes: { io: limits, cpu: limits }, clock, closeGraceMs: 0 });
const barOf = (changes: Partial<StartBar> = {}): StartBar => ({
  reason: 'memory',
  covers: (lane) => lane === 'io',
  floorRunning: 1,
  extraStarts: 0,
  ...changes,
});
const running = (gate: Gate, name: string) => gate.stats().find((lane) => lane.name === name)!.running;

test('a barred lane starts one and no more, says why the others wait, and goes on when the bar is lifted', async () => {
  await using gate = openBarGate();
  gate.bar(barOf());
  const work = manualWork();
  for (let i = 0; i < 3; i++) void gate.submit('io', work.run, { owner: `a/${i}` }).catch(nothing);
  expect(work.startedCount).toBe(1);
  expect(gate.explain('a')).toMatchObject([
    { owner: 'a/1', reason: 'memory', position: 1, startsInMs: undefined },
    { owner: 'a/2', reason: 'memory', position: 2, startsInMs: undefined },
  ]);
  gate.bar(undefined);
  expect(work.startedCount).toBe(3);
  expect(gate.explain('a')).toEqual([]);
  work.finishAll();
});

test('what runs goes on and nothing takes the place of what ends, until one is left', async () => {
  await using gate = openBarGate();
  const works = Array.from({ length: 4 }, () => manualWork());
  const waiting = manualWork();
  const ended = works.map((work) => gate.submit('io', work.run));
  const last = gate.submit('io', waiting.run);
  gate.bar(barOf());
  for (const [index, work] of works.slice(0, 3).entries()) {
    work.finish();
    await ended[index];
  }
  expect([running(gate, 'io'), waiting.startedCount]).toEqual([1, 0]);
  works[3]!.finish();
  await ended[3];
  expect(waiting.startedCount).toBe(1);
  waiting.finish();
  await last;
});

test('a bar that lets some more start counts them from what runs when it is set', async () => {
  await using gate = openBarGate();
  gate.bar(barOf());
  const work = manualWork();
  for (let i = 0; i < 10; i++) void gate.submit('io', work.run).catch(nothing);
  gate.bar(barOf({ extraStarts: 2 }));
  expect(work.startedCount).toBe(3);
  gate.bar(barOf({ extraStarts: 2 }));
  expect(work.startedCount).toBe(4);
  work.finishAll();
});

test('where every slot is taken the bar is not what is waited for, and other lanes know nothing of it', async () => {
  await using gate = openBarGate();
  const work = manualWork();
  for (let i = 0; i < 5; i++) void gate.submit('io', work.run, { owner: 'a' }).catch(nothing);
  gate.bar(barOf());
  expect(gate.explain('a')).toMatchObject([{ reason: 'no slot' }]);
  for (let i = 0; i < 4; i++) void gate.submit('cpu', work.run).catch(nothing);
  expect([running(gate, 'io'), running(gate, 'cpu')]).toEqual([4, 4]);
  work.finishAll();
});

test('a lane that is opened later is barred too, and a lane that adapts keeps the bar while it learns', async () => {
  await using gate = openBarGate();
  gate.bar(barOf({ covers: () => true }));
  gate.openLane('run:x', { maxRunning: 8, minRunning: 4, queueCapacity: 10 });
  const work = manualWork();
  for (let i = 0; i < 4; i++) void gate.submit('run:x', work.run).catch(nothing);
  expect(work.startedCount).toBe(1);
  gate.reconfigure('run:x', { maxRunning: 6 });
  expect(work.startedCount).toBe(1);
  work.finishAll();
});

test('a launch is refused only while the bar holds the lane back and has something to refuse with', async () => {
  await using gate = openBarGate();
  const refusal = () => new AppError('MEMORY_SHORT', 'Memory is short.');
  gate.bar(barOf({ refusal }));
  expect(() => gate.checkStart('io')).not.toThrow();
  const work = manualWork();
  void gate.submit('io', work.run).catch(nothing);
  expect(() => gate.checkStart('io')).toThrow(expect.objectContaining({ code: 'MEMORY_SHORT', retryable: true }));
  expect(() => gate.checkStart('cpu')).not.toThrow();
  gate.bar(barOf());
  expect(() => gate.checkStart('io')).not.toThrow();
  work.finishAll();
});

test('waiting work under a bar still times out, is cancelled and is paused as ever', async () => {
  await using gate = openBarGate();
  gate.bar(barOf());
  const work = manualWork();
  void gate.submit('io', work.run).catch(nothing);
  const late = gate.submit('io', nothing, { deadlineMs: 50 });
  const cancelled = gate.submit('io', nothing, { owner: 'a/1' });
  void gate.submit('io', nothing, { owner: 'b/1' }).catch(nothing);
  gate.pause('b');
  expect(gate.explain('b')).toMatchObject([{ reason: 'paused' }]);
  const [refused] = await Promise.all([errorOf(late), clock.advance(100)]);
  expect(refused).toMatchObject({ code: 'TASK_TIMED_OUT' });
  gate.cancel('a', { code: 'TASK_CANCELLED', message: 'stop' });
  await expect(cancelled).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  work.finishAll();
});

test('in any order of bars, submissions, ends and resizes a barred lane never starts more than it may', async () => {
  for (let seed = 1; seed <= 300; seed++) {
    let state = seed;
    const random = (below: number): number =>
      Math.floor(((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32) * below);
    await using gate = openBarGate();
    const ends: (() => void)[] = [];
    const outcomes: Promise<unknown>[] = [];
    let started = 0;
    let slots = 4;
    let ceiling = Infinity;
    const run = (): Promise<void> => {
      started++;
      expect(running(gate, 'io')).toBeLessThanOrEqual(Math.min(slots, ceiling));
      return new Promise((resolve) => ends.push(resolve));
    };
    for (let step = 0; step < 60; step++) {
      const dice = random(10);
      if (dice < 4) outcomes.push(gate.submit('io', run));
      else if (dice < 7) ends.splice(random(ends.length || 1), 1)[0]?.();
      else if (dice < 8) gate.reconfigure('io', { maxRunning: (slots = 1 + random(8)) });
      else {
        const extraStarts = random(3);
        const floorRunning = 1 + random(2);
        ceiling = extraStarts === 0 ? floorRunning : Math.max(floorRunning, running(gate, 'io') + extraStarts);
        if (dice === 9) ceiling = Infinity;
        gate.bar(dice === 9 ? undefined : barOf({ extraStarts, floorRunning }));
      }
      if (dice === 5) await settleMicrotasks();
    }
    ceiling = Infinity;
    gate.bar(undefined);
    for (let round = 0; started < outcomes.length || ends.length > 0; round++) {
      expect(round).toBeLessThan(200);
      for (const end of ends.splice(0)) end();
      await settleMicrotasks();
    }
    await Promise.all(outcomes);
  }
});
