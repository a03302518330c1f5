import { describe, expect, test } from 'vitest';
import { AppError } from '../../../shared/errors/app-error.ts';
import { openGate, type Gate, type LaneLimits, type LaneStats } from '../../../runtime/admission/gate.ts';
import { systemClock, type Clock } from '../../../runtime/time/clock.ts';
import { errorOf } from '../../support/error-of.ts';
import { manualClock, settleMicrotasks } from '../../support/manual-clock.ts';
import { manualWork } from '../../support/manual-work.ts';

const cancelError = new AppError('TASK_CANCELLED', 'The run was stopped.').toData();

function ioGate(limits: Partial<LaneLimits> = {}, clock: Clock = manualClock()): Gate {
  return openGate({ lanes: { io: { maxRunning: 1, queueCapacity: 10, ...limits } }, clock, closeGraceMs: 0 });
}

function io(gate: Gate): LaneStats {
  return gate.stats().find(({ name }) => name === 'io')!;
}

/** Submits work that notes `label` when it starts and ends by itself. */
function note(
  gate: Gate,
  order: string[],
  label: string,
  admission: Parameters<Gate['submit']>[2] = {},
): Promise<void> {
  return gate.submit('io', async () => void order.push(label), admission);
}

describe('a lane', () => {
  test('starts work inside the call while a slot is free and hands back what it returns', async () => {
    await using gate = ioGate();
    let started = false;
    const answer = gate.submit('io', () => {
      started = true;
      return 42;
    });
    expect(started).toBe(true);
    await expect(answer).resolves.toBe(42);
    await expect(gate.submit('io', async () => 'later')).resolves.toBe('later');
    expect(io(gate)).toMatchObject({ running: 0, waiting: 0, completed: 2, failed: 0 });
  });

  test('a full queue refuses the next task without starting it and says when to come back', async () => {
    await using gate = ioGate({ queueCapacity: 1 });
    const work = manualWork();
    const running = gate.submit('io', work.run);
    const waiting = gate.submit('io', work.run);
    await expect(gate.submit('io', work.run)).rejects.toMatchObject({
      code: 'LANE_SATURATED',
      retryable: true,
      details: { retryAfterMs: expect.any(Number) as number },
    });
    expect(work.startedCount).toBe(1);
    expect(io(gate)).toMatchObject({ running: 1, waiting: 1, refused: 1 });
    work.finish();
    await running;
    work.finish();
    await waiting;
  });

  test('passes on what work throws, at once or later, and frees the slot', async () => {
    await using gate = ioGate();
    const thrown = new Error('at once');
    await expect(
      gate.submit('io', () => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    const work = manualWork();
    const first = gate.submit('io', work.run);
    const second = gate.submit('io', work.run);
    work.fail(thrown);
    await expect(first).rejects.toBe(thrown);
    work.fail(thrown);
    await expect(second).rejects.toBe(thrown);
    expect(io(gate)).toMatchObject({ running: 0, failed: 3, completed: 0 });
  });

  test('takes results that are only promise-like', async () => {
    await using gate = ioGate();
    // oxlint-disable-next-line unicorn/no-thenable
    const like = { then: (resolve: (value: number) => void) => resolve(7) } as PromiseLike<number>;
    await expect(gate.submit('io', () => like)).resolves.toBe(7);
    await expect(gate.submit('io', () => like, { deadlineMs: 100 })).resolves.toBe(7);
  });

  test('work that submits to its own lane waits its turn and does not jump in', async () => {
    await using gate = ioGate();
    const order: string[] = [];
    let inner: Promise<void> | undefined;
    await gate.submit('io', () => {
      inner = note(gate, order, 'inner');
      order.push('outer');
    });
    await inner;
    expect(order).toEqual(['outer', 'inner']);
  });
});

describe('priority and turns', () => {
  test('high starts before normal and normal before low, whatever came first', async () => {
    await using gate = ioGate();
    const work = manualWork();
    const order: string[] = [];
    const running = gate.submit('io', work.run);
    const rest = (['low', 'normal', 'high', 'low', 'high'] as const).map((priority, i) =>
      note(gate, order, `${priority}${i}`, { priority }),
    );
    work.finish();
    await Promise.all([running, ...rest]);
    expect(order).toEqual(['high2', 'high4', 'normal1', 'low0', 'low3']);
  });

  test('a run with many waiting agents lets another run in after one of its own', async () => {
    await using gate = ioGate({ queueCapacity: 100 });
    const work = manualWork();
    const order: string[] = [];
    const running = gate.submit('io', work.run);
    const rest = [0, 1, 2, 3].map((agent) => note(gate, order, `a${agent}`, { owner: `a/${agent}` }));
    rest.push(note(gate, order, 'b0', { owner: 'b/0' }), note(gate, order, 'b0', { owner: 'b/0' }));
    work.finish();
    await Promise.all([running, ...rest]);
    expect(order).toEqual(['a0', 'b0', 'a1', 'b0', 'a2', 'a3']);
  });

  test('an agent with many waiting calls lets the others of its run in', async () => {
    await using gate = ioGate({ queueCapacity: 100 });
    const work = manualWork();
    const order: string[] = [];
    const running = gate.submit('io', work.run);
    const rest = ['1', '1', '1', '2', '3'].map((agent) => note(gate, order, agent, { owner: `a/${agent}` }));
    work.finish();
    await Promise.all([running, ...rest]);
    expect(order).toEqual(['1', '2', '3', '1', '1']);
  });

  test('owners that have long gone are forgotten and new ones still take turns', async () => {
    await using gate = ioGate({ queueCapacity: 10 });
    for (let agent = 0; agent < 5_000; agent++) {
      const work = manualWork();
      const running = gate.submit('io', work.run);
      const waiting = gate.submit('io', async () => agent, { owner: `run-${agent % 7}/${agent}` });
      work.finish();
      await running;
      await expect(waiting).resolves.toBe(agent);
    }
    expect(io(gate)).toMatchObject({ completed: 10_000, waiting: 0, running: 0 });
  });
});

describe('deadlines and cancellation', () => {
  test('what waits past its deadline is rejected and never started', async () => {
    const clock = manualClock();
    await using gate = ioGate({}, clock);
    const work = manualWork();
    const running = gate.submit('io', work.run);
    const late = gate.submit('io', work.run, { deadlineMs: 50 });
    const error = errorOf(late);
    await clock.advance(49);
    expect(io(gate)).toMatchObject({ waiting: 1, timedOut: 0 });
    await clock.advance(2);
    expect(await error).toMatchObject({ code: 'TASK_TIMED_OUT', details: { hasStarted: false } });
    expect(io(gate)).toMatchObject({ waiting: 0, timedOut: 1 });
    work.finish();
    await running;
    expect(work.startedCount).toBe(1);
  });

  test('what runs past its deadline is rejected while its slot stays taken until it ends', async () => {
    const clock = manualClock();
    await using gate = ioGate({}, clock);
    const work = manualWork();
    const late = gate.submit('io', work.run, { deadlineMs: 50 });
    const error = errorOf(late);
    await clock.advance(51);
    expect(await error).toMatchObject({ code: 'TASK_TIMED_OUT', details: { hasStarted: true } });
    expect(io(gate)).toMatchObject({ running: 1, timedOut: 1, completed: 0 });
    work.finish();
    await settleMicrotasks();
    expect(io(gate)).toMatchObject({ running: 0, timedOut: 1, completed: 0, failed: 0 });
  });

  test('the deadline of the second of two pieces of work in one slot holds', async () => {
    const clock = manualClock();
    await using gate = ioGate({}, clock);
    await gate.submit('io', async () => 'quick', { deadlineMs: 20 });
    const work = manualWork();
    const error = errorOf(gate.submit('io', work.run, { deadlineMs: 40 }));
    await clock.advance(39);
    expect(io(gate).timedOut).toBe(0);
    await clock.advance(2);
    expect(await error).toMatchObject({ code: 'TASK_TIMED_OUT' });
    work.finish();
    await settleMicrotasks();
    expect(io(gate)).toMatchObject({ running: 0, completed: 1, timedOut: 1 });
  });

  test('a deadline of nothing, or one that is not a number, starts nothing', async () => {
    await using gate = ioGate();
    const work = manualWork();
    await expect(gate.submit('io', work.run, { deadlineMs: 0 })).rejects.toMatchObject({ code: 'TASK_TIMED_OUT' });
    await expect(gate.submit('io', work.run, { deadlineMs: Number.NaN })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    expect(work.startedCount).toBe(0);
  });

  test('a signal drops what waits under it and leaves what runs alone', async () => {
    await using gate = ioGate();
    const controller = new AbortController();
    const { signal } = controller;
    const work = manualWork<string>();
    const running = gate.submit('io', work.run, { signal });
    const dropped = [1, 2].map(() => errorOf(gate.submit('io', work.run, { signal })));
    const kept = gate.submit('io', work.run);
    controller.abort(new Error('enough'));
    for (const error of await Promise.all(dropped)) expect(error).toMatchObject({ code: 'TASK_CANCELLED' });
    await expect(gate.submit('io', work.run, { signal })).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    work.finish('ran on');
    await expect(running).resolves.toBe('ran on');
    work.finish('kept');
    await expect(kept).resolves.toBe('kept');
    expect(work.startedCount).toBe(2);
    expect(io(gate)).toMatchObject({ cancelled: 3, waiting: 0 });
  });

  test('cancelling an owner drops what waits for it and its parts, and not its namesakes', async () => {
    await using gate = ioGate();
    const work = manualWork();
    const running = gate.submit('io', work.run);
    const own = ['r', 'r/3', 'r/4', 'r/30'].map((owner) => errorOf(gate.submit('io', work.run, { owner })));
    const other = ['r2', 's'].map((owner) => gate.submit('io', async () => owner, { owner }));
    expect(gate.cancel('r/3', cancelError)).toBe(1);
    expect(gate.cancel('r', cancelError)).toBe(3);
    work.finish();
    await running;
    await expect(Promise.all(other)).resolves.toEqual(['r2', 's']);
    for (const error of await Promise.all(own)) expect(error).toMatchObject({ message: 'The run was stopped.' });
    expect(io(gate)).toMatchObject({ cancelled: 4 });
  });
});

describe('pause and resume', () => {
  test('a paused owner starts nothing, keeps its place, and others go on', async () => {
    await using gate = ioGate({ maxRunning: 2 });
    const order: string[] = [];
    gate.pause('a');
    const held = [note(gate, order, 'a1', { owner: 'a/1' }), note(gate, order, 'a2', { owner: 'a/2' })];
    await note(gate, order, 'b', { owner: 'b/1' });
    expect(order).toEqual(['b']);
    expect(io(gate)).toMatchObject({ waiting: 2, running: 0 });
    gate.resume('a');
    await Promise.all(held);
    expect(order).toEqual(['b', 'a1', 'a2']);
  });

  test('pausing holds back what already waits, also in lanes opened later, and one agent alone', async () => {
    await using gate = ioGate();
    const order: string[] = [];
    const work = manualWork();
    const running = gate.submit('io', work.run);
    const held = note(gate, order, 'held', { owner: 'a/1' });
    const free = note(gate, order, 'free', { owner: 'a/2' });
    gate.pause('a/1');
    using _lane = gate.openLane('run:x', { maxRunning: 1, queueCapacity: 1 });
    const elsewhere = gate.submit('run:x', async () => void order.push('elsewhere'), { owner: 'a/1' });
    work.finish();
    await Promise.all([running, free]);
    await settleMicrotasks();
    expect(order).toEqual(['free']);
    gate.resume('a/1');
    await Promise.all([held, elsewhere]);
    expect(order).toEqual(['free', 'held', 'elsewhere']);
  });

  test('what is paused can still be cancelled and can still time out', async () => {
    const clock = manualClock();
    await using gate = ioGate({}, clock);
    gate.pause('a');
    const work = manualWork();
    const late = errorOf(gate.submit('io', work.run, { owner: 'a/1', deadlineMs: 10 }));
    const stopped = errorOf(gate.submit('io', work.run, { owner: 'a/2' }));
    await clock.advance(20);
    gate.cancel('a', cancelError);
    expect(await late).toMatchObject({ code: 'TASK_TIMED_OUT' });
    expect(await stopped).toMatchObject({ code: 'TASK_CANCELLED' });
    gate.resume('a');
    expect(work.startedCount).toBe(0);
    expect(io(gate)).toMatchObject({ waiting: 0, timedOut: 1, cancelled: 1 });
  });
});

describe('limits', () => {
  test('a higher ceiling starts what waits at once, a lower one lets what runs finish', async () => {
    await using gate = ioGate();
    const work = manualWork();
    const all = [1, 2, 3, 4].map(() => gate.submit('io', work.run));
    gate.reconfigure('io', { maxRunning: 3 });
    expect(io(gate)).toMatchObject({ running: 3, waiting: 1, maxRunning: 3, queueCapacity: 10 });
    gate.reconfigure('io', { maxRunning: 1 });
    work.finish();
    work.finish();
    await Promise.all(all.slice(0, 2));
    expect(io(gate)).toMatchObject({ running: 1, waiting: 1 });
    work.finish();
    await all[2];
    expect(io(gate)).toMatchObject({ running: 1, waiting: 0 });
    work.finish();
    await all[3];
  });

  test('a smaller queue keeps what it has accepted and refuses the next', async () => {
    await using gate = ioGate({ queueCapacity: 3 });
    const work = manualWork();
    const all = [1, 2, 3, 4].map(() => gate.submit('io', work.run));
    gate.reconfigure('io', { queueCapacity: 0 });
    expect(io(gate).waiting).toBe(3);
    await expect(gate.submit('io', work.run)).rejects.toMatchObject({ code: 'LANE_SATURATED' });
    for (const promise of all) {
      work.finish();
      await promise;
    }
    await expect(gate.submit('io', async () => 'free again')).resolves.toBe('free again');
  });

  test('limits out of bounds are refused and change nothing', async () => {
    await using gate = ioGate();
    expect(() => gate.reconfigure('io', { maxRunning: 0 })).toThrow(
      expect.objectContaining({ code: 'SETTING_INVALID' }),
    );
    expect(() => gate.reconfigure('io', { queueCapacity: -1 })).toThrow(/queueCapacity of the io lane is -1/);
    expect(() => gate.reconfigure('cpu', { maxRunning: 1 })).toThrow(expect.objectContaining({ code: 'LANE_CLOSED' }));
    expect(() => ioGate({ maxRunning: 1.5 })).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
    expect(io(gate)).toMatchObject({ maxRunning: 1, queueCapacity: 10 });
  });
});

describe('statistics', () => {
  test('wait and run times are those of the clock', async () => {
    const clock = manualClock();
    await using gate = ioGate({}, clock);
    expect(io(gate)).toMatchObject({ waitP50Ms: undefined, runP99Ms: undefined });
    const work = manualWork();
    const all = [gate.submit('io', work.run), gate.submit('io', work.run)];
    await clock.advance(40);
    work.finish();
    await clock.advance(5);
    work.finish();
    await Promise.all(all);
    expect(io(gate)).toMatchObject({ waitP50Ms: 0, waitP99Ms: 40, runP50Ms: 5, runP99Ms: 40 });
  });

  test('while much happens only a sample is timed, yet everything is counted', async () => {
    await using gate = ioGate({ maxRunning: 100 }, systemClock);
    await Promise.all(Array.from({ length: 100 }, () => gate.submit('io', async () => {})));
    for (let i = 0; i < 2_000; i++) await gate.submit('io', async () => {}, { deadlineMs: 5_000 });
    const stats = io(gate);
    expect(stats.completed).toBe(2_100);
    expect(stats.runP50Ms).toBeGreaterThanOrEqual(0);
  });
});
