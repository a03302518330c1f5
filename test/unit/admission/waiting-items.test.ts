import { expect, test } from 'vitest';
import { openGate, type Gate, type LaneLimits, type WaitingItem } from '../../../runtime/admission/gate.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { manualWork } from '../../support/manual-work.ts';

const clock = manualClock();
function ioGate(limits: Partial<LaneLimits> = {}): Gate {
  return openGate({ lanes: { io: { maxRunning: 1, queueCapacity: 100_000, ...limits } }, clock, closeGraceMs: 0 });
}

function all(gate: Gate): readonly WaitingItem[] {
  return gate.waitingItems('io', { offset: 0, limit: 100 }).items;
}

function reasons(items: readonly WaitingItem[]): readonly string[] {
  return items.map(({ owner, reason, position }) => `${position ?? '-'} ${owner}: ${reason}`);
}

const nothing = (): void => {};

test('each waiting item says whether it lacks a slot or who goes first though later', async () => {
  await using gate = ioGate();
  using _permit = await gate.acquire('io');
  const submit = (owner: string, priority: 'high' | 'normal' = 'normal'): void =>
    void gate.submit('io', nothing, { owner, priority }).catch(nothing);
  for (const owner of ['a/1', 'a/1', 'b/1']) submit(owner);
  expect(reasons(all(gate))).toEqual(['1 a/1: no slot', '2 b/1: no slot', '3 a/1: fairness']);
  submit('c/1', 'high');
  expect(reasons(all(gate))).toEqual(['1 c/1: no slot', '2 a/1: priority', '3 b/1: priority', '4 a/1: priority']);
  expect(reasons(gate.explain('a'))).toEqual(['2 a/1: priority', '4 a/1: priority']);
  expect(gate.explain('d')).toEqual([]);
});

test('work of a paused owner and of an agent at its ceiling has no position and says so', async () => {
  await using gate = ioGate({ maxRunning: 2, maxPerAgent: 1 });
  using _one = await gate.acquire('io', { owner: 'a/1' });
  const work = manualWork();
  void gate.submit('io', work.run, { owner: 'b/1' }).catch(nothing);
  for (const owner of ['a/1', 'b/1', 'c/1', 'c/2', 'c/2']) void gate.submit('io', nothing, { owner }).catch(nothing);
  gate.pause('c/1');
  expect(reasons(all(gate))).toEqual([
    '1 c/2: no slot',
    '- a/1: agent ceiling',
    '- b/1: agent ceiling',
    '- c/1: paused',
    '- c/2: agent ceiling',
  ]);
  work.finish();
});

test('with a slot free it is the pace that holds work back, and the estimate knows how long', async () => {
  await using gate = ioGate({ maxRunning: 1 });
  let waitMs = 0;
  gate.openLane('provider:x', { maxRunning: 3, queueCapacity: 10 }, { take: () => waitMs });
  const first = gate.submit('provider:x', () => clock.sleep(10));
  await clock.advance(10);
  await first;
  waitMs = 500;
  void gate.submit('provider:x', nothing, { owner: 'a/1' }).catch(nothing);
  await clock.advance(100);
  const [item] = gate.explain('a/1');
  expect(item).toMatchObject({ lane: 'provider:x', reason: 'pace', position: 1, startsInMs: 400 });
});

test('the estimate of a start goes by the rate at which work has ended of late', async () => {
  await using gate = ioGate({ maxRunning: 2 });
  const queue = Array.from({ length: 200 }, () => gate.submit('io', () => clock.sleep(10), { owner: 'a/1' }));
  void gate.explain('a/1');
  for (let ms = 0; ms < 400; ms += 100) {
    await clock.advance(100);
    void gate.explain('a/1');
  }
  // Two slots, 10 ms each: one ends every 5 ms.
  const items = gate.explain('a/1');
  expect(items.length).toBe(100);
  expect(items[0]!.startsInMs).toBeCloseTo(5, 0);
  expect(items[59]!.startsInMs).toBeCloseTo(300, -1);
  await clock.advance(2_000);
  await Promise.all(queue);
});

test('pages are bounded, follow each other and end with the first 10,000', async () => {
  await using gate = ioGate();
  const work = manualWork();
  void gate.submit('io', work.run).catch(nothing);
  for (let index = 0; index < 30_000; index++) {
    void gate.submit('io', nothing, { owner: `run/${index}` }).catch(nothing);
  }
  const first = gate.waitingItems('io', { offset: 0, limit: 1_000 });
  expect(first).toMatchObject({ waiting: 30_000 });
  expect(first.items.length).toBe(200);
  const second = gate.waitingItems('io', { offset: 200, limit: 2 });
  expect(second.items.map(({ owner, position }) => [owner, position])).toEqual([
    ['run/200', 201],
    ['run/201', 202],
  ]);
  expect(gate.waitingItems('io', { offset: 9_999, limit: 10 }).items.length).toBe(1);
  expect(reasons(gate.explain('run/9999'))).toEqual(['10000 run/9999: no slot']);
  expect(reasons(gate.explain('run/15000'))).toEqual(['- run/15000: no slot']);
  expect(() => gate.waitingItems('cpu', { offset: 0, limit: 1 })).toThrow(
    expect.objectContaining({ code: 'LANE_CLOSED' }),
  );
  work.finish();
});
