import { describe, expect, test } from 'vitest';
import { openGate, type Gate, type LaneLimits, type LaneStats } from '../../../runtime/admission/gate.ts';
import type { Clock } from '../../../runtime/time/clock.ts';
import { errorOf } from '../../support/error-of.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { manualWork } from '../../support/manual-work.ts';

function ioGate(limits: Partial<LaneLimits> = {}, clock: Clock = manualClock()): Gate {
  return openGate({ lanes: { io: { maxRunning: 1, queueCapacity: 10, ...limits } }, clock, closeGraceMs: 0 });
}

function io(gate: Gate): LaneStats {
  return gate.stats().find(({ name }) => name === 'io')!;
}

describe('permits', () => {
  test('a permit takes a slot until it is released', async () => {
    const clock = manualClock();
    await using gate = ioGate({}, clock);
    const first = await gate.acquire('io');
    expect(first.waitMs).toBe(0);
    const second = gate.acquire('io');
    await clock.advance(30);
    expect(io(gate)).toMatchObject({ running: 1, waiting: 1 });
    first.release();
    using permit = await second;
    expect(permit.waitMs).toBe(30);
    expect(io(gate)).toMatchObject({ running: 1, waiting: 0, completed: 1 });
  });

  test('a second release is refused, disposing after a release is not', async () => {
    await using gate = ioGate();
    {
      using permit = await gate.acquire('io');
      permit.release();
      expect(() => permit.release()).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    }
    expect(io(gate)).toMatchObject({ running: 0, completed: 1 });
  });

  test('the deadline of a permit limits the waiting and not the holding', async () => {
    const clock = manualClock();
    await using gate = ioGate({}, clock);
    using held = await gate.acquire('io', { deadlineMs: 10 });
    const late = errorOf(gate.acquire('io', { deadlineMs: 10 }));
    await clock.advance(100);
    expect(await late).toMatchObject({ code: 'TASK_TIMED_OUT' });
    expect(held.waitMs).toBe(0);
    expect(io(gate)).toMatchObject({ running: 1, timedOut: 1 });
  });
});

describe('pace', () => {
  test('nothing starts before its pace allows it, and then by itself', async () => {
    const clock = manualClock();
    await using gate = ioGate({}, clock);
    let openAtMs = 100;
    const asked: number[] = [];
    const pace = {
      take(tokens: number) {
        asked.push(tokens);
        if (clock.monoMs() < openAtMs) return openAtMs - clock.monoMs();
        openAtMs = clock.monoMs() + 100;
        return 0;
      },
    };
    using _lane = gate.openLane('provider:p', { maxRunning: 5, queueCapacity: 5 }, pace);
    const starts: string[] = [];
    const submit = (label: string, priority: 'high' | 'low'): Promise<void> =>
      gate.submit('provider:p', async () => void starts.push(`${label}@${clock.monoMs()}`), { priority, tokens: 7 });
    const all = [submit('low', 'low'), submit('high', 'high')];
    await clock.advance(99);
    expect(starts).toEqual([]);
    await clock.advance(200);
    await Promise.all(all);
    expect(starts).toEqual(['high@100', 'low@200']);
    expect(new Set(asked)).toEqual(new Set([7]));
  });
});

describe('opening and closing', () => {
  test('a closed lane refuses what waits and what comes, and lets what runs finish', async () => {
    await using gate = ioGate();
    const lane = gate.openLane('provider:p', { maxRunning: 1, queueCapacity: 5 });
    const work = manualWork<string>();
    const running = gate.submit('provider:p', work.run);
    const waiting = errorOf(gate.submit('provider:p', work.run));
    lane[Symbol.dispose]();
    expect(await waiting).toMatchObject({ code: 'LANE_CLOSED' });
    await expect(gate.submit('provider:p', work.run)).rejects.toMatchObject({ code: 'LANE_CLOSED' });
    await expect(gate.acquire('provider:p')).rejects.toMatchObject({ code: 'LANE_CLOSED' });
    work.finish('ran on');
    await expect(running).resolves.toBe('ran on');
    expect(gate.stats().map(({ name }) => name)).toEqual(['io']);
  });

  test('a lane that is open cannot be opened again, and can after it was closed', async () => {
    await using gate = ioGate();
    expect(() => gate.openLane('io', { maxRunning: 1, queueCapacity: 0 })).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
    const first = gate.openLane('run:1', { maxRunning: 1, queueCapacity: 0 });
    first[Symbol.dispose]();
    using _second = gate.openLane('run:1', { maxRunning: 1, queueCapacity: 0 });
    first[Symbol.dispose]();
    await expect(gate.submit('run:1', async () => 1)).resolves.toBe(1);
  });

  test('disposing waits for what runs, up to the grace', async () => {
    const clock = manualClock();
    const gate = openGate({ lanes: { io: { maxRunning: 1, queueCapacity: 1 } }, clock, closeGraceMs: 100 });
    const work = manualWork();
    const running = gate.submit('io', work.run);
    let closed = false;
    const closing = gate[Symbol.asyncDispose]().then(() => (closed = true));
    await clock.advance(50);
    expect(closed).toBe(false);
    work.finish();
    await Promise.all([running, closing]);
    expect(clock.pendingCount).toBe(0);
  });

  test('no timer is left when work with a deadline has ended and the gate is closed', async () => {
    const clock = manualClock();
    {
      await using gate = ioGate({}, clock);
      await gate.submit('io', async () => 1, { deadlineMs: 1_000 });
    }
    expect(clock.pendingCount).toBe(0);
  });
});
