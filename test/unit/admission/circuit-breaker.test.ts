import { beforeEach, expect, test } from 'vitest';
import { createBreakers } from '../../../runtime/admission/breaker/breakers.ts';
import {
  type BreakerChange,
  type BreakerLimits,
  CircuitBreaker,
  type CallOutcome,
} from '../../../runtime/admission/breaker/circuit-breaker.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';

const limits: BreakerLimits = {
  isOn: true,
  windowMs: 5_000,
  failureRatio: 0.6,
  minCalls: 10,
  openMs: 2_000,
  probes: 2,
};

let clock: ManualClock;
let changes: BreakerChange[];
beforeEach(() => {
  clock = manualClock();
  changes = [];
});

function create(with_: Partial<BreakerLimits> = {}): CircuitBreaker {
  return new CircuitBreaker({
    name: 'the tool x',
    limits: { ...limits, ...with_ },
    clock,
    onChange: (change) => void changes.push(change),
  });
}

function call(breaker: CircuitBreaker, outcome: CallOutcome, times = 1): void {
  for (let n = 0; n < times; n++) breaker.enter().end(outcome);
}

const states = (): string[] => changes.map(({ state }) => state);

test('it opens at the ratio, not below it, and says what failed', () => {
  const below = create();
  call(below, 'ok', 5);
  call(below, 'failed', 7);
  expect(below.stats()).toMatchObject({ state: 'closed', calls: 12, failures: 7 });
  call(below, 'failed');
  expect(below.stats()).toMatchObject({ state: 'open', timesOpened: 1, retryAfterMs: 2_000 });
  expect(changes).toEqual([
    { name: 'the tool x', state: 'open', reason: expect.stringContaining('8 of 13 calls failed within 5 s') },
  ]);
});

test('with fewer calls than the least it stays closed, even when all of them fail', () => {
  const breaker = create();
  call(breaker, 'failed', 9);
  expect(breaker.stats().state).toBe('closed');
  call(breaker, 'failed');
  expect(breaker.stats().state).toBe('open');
});

test('failures that have left the window do not count', async () => {
  const breaker = create();
  call(breaker, 'failed', 9);
  await clock.advance(5_000);
  call(breaker, 'failed', 9);
  expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 9 });
});

test('outcomes that say nothing about the other side count neither way', () => {
  const breaker = create();
  call(breaker, 'neither', 100);
  call(breaker, 'failed', 10);
  expect(breaker.stats().state).toBe('open');
});

test('open it refuses with the time until it may be tried, then lets exactly the probes through', async () => {
  const breaker = create();
  call(breaker, 'failed', 10);
  await clock.advance(500);
  expect(() => breaker.enter()).toThrow(
    expect.objectContaining({ code: 'CIRCUIT_OPEN', details: { retryAfterMs: 1_500 } }),
  );
  await clock.advance(1_500);
  const probes = [breaker.enter(), breaker.enter()];
  expect(() => breaker.enter()).toThrow(expect.objectContaining({ code: 'CIRCUIT_OPEN' }));
  expect(breaker.stats()).toMatchObject({ state: 'half-open', refused: 2 });
  probes[0]!.end('ok');
  expect(() => breaker.enter()).toThrow(expect.objectContaining({ code: 'CIRCUIT_OPEN' }));
  probes[1]!.end('ok');
  expect(states()).toEqual(['open', 'half-open', 'closed']);
  call(breaker, 'ok', 3);
});

test('a probe that fails opens it again for the whole time', async () => {
  const breaker = create();
  call(breaker, 'failed', 10);
  await clock.advance(2_000);
  call(breaker, 'failed');
  expect(breaker.stats()).toMatchObject({ state: 'open', retryAfterMs: 2_000, timesOpened: 2 });
});

test('a probe that is cancelled makes room for another', async () => {
  const breaker = create();
  call(breaker, 'failed', 10);
  await clock.advance(2_000);
  call(breaker, 'neither', 20);
  call(breaker, 'ok', 2);
  expect(breaker.stats().state).toBe('closed');
});

test('calls from before it opened say nothing about how things are afterwards', async () => {
  const breaker = create();
  const late = Array.from({ length: 30 }, () => breaker.enter());
  call(breaker, 'failed', 10);
  await clock.advance(2_000);
  const probe = breaker.enter();
  for (const passage of late) passage.end('failed');
  expect(breaker.stats().state).toBe('half-open');
  probe.end('ok');
  probe.end('failed');
  call(breaker, 'ok');
  expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 0 });
});

test('switched off it lets everything through and counts nothing; switched on again it starts afresh', () => {
  const breaker = create();
  call(breaker, 'failed', 10);
  breaker.reconfigure({ ...limits, isOn: false });
  call(breaker, 'failed', 100);
  expect(states()).toEqual(['open', 'closed']);
  breaker.reconfigure(limits);
  call(breaker, 'failed', 9);
  expect(breaker.stats().state).toBe('closed');
});

test.each<[keyof BreakerLimits, Partial<BreakerLimits>, number]>([
  ['minCalls', { minCalls: 3 }, 3],
  ['failureRatio', { failureRatio: 0.9 }, 10],
])('a live change of %s decides about the next failure', (_key, change, failures) => {
  const breaker = create();
  breaker.reconfigure({ ...limits, ...change });
  call(breaker, 'failed', failures - 1);
  expect(breaker.stats().state).toBe('closed');
  call(breaker, 'failed');
  expect(breaker.stats().state).toBe('open');
});

test('a shorter time to be open holds for a breaker that is open already', async () => {
  const breaker = create();
  call(breaker, 'failed', 10);
  breaker.reconfigure({ ...limits, openMs: 100 });
  await clock.advance(100);
  call(breaker, 'ok', 2);
  expect(breaker.stats().state).toBe('closed');
});

test('only failures that tell of the other side open the breaker of a call', async () => {
  const breakers = createBreakers(limits, clock);
  const told: unknown[] = [];
  breakers.onChange((change, subject) => void told.push([change.state, subject.name]));
  const breaker = breakers.open({ name: 'the tool x' });
  const other = breakers.open({ name: 'the tool y' });
  const tells = new Set<ErrorCode>(['TOOL_FAILED']);
  const fail = (code: ErrorCode) => (): Promise<never> => Promise.reject(new AppError(code, 'It failed.'));
  for (let n = 0; n < 50; n++) {
    await expect(breaker.guard(tells, fail('FILE_NOT_FOUND'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  }
  for (let n = 0; n < 10; n++) {
    await expect(breaker.guard(tells, fail('TOOL_FAILED'))).rejects.toMatchObject({ code: 'TOOL_FAILED' });
  }
  let calls = 0;
  const succeed = async (): Promise<number> => ++calls;
  await expect(breaker.guard(tells, succeed)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
  expect(await other.guard(tells, succeed)).toBe(1);
  expect(told).toEqual([['open', 'the tool x']]);
  breaker[Symbol.dispose]();
  expect(breakers.stats().map(({ name }) => name)).toEqual(['the tool y']);
});
