import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createBreakers, type Breakers } from '../../../runtime/admission/breaker/breakers.ts';
import type { BreakerChange, BreakerLimits } from '../../../runtime/admission/breaker/circuit-breaker.ts';
import type { Tool } from '../../../runtime/tools/tool.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { openToolBench, type ToolBench, type ToolBenchOptions } from '../../support/tool-bench.ts';

const LIMITS: BreakerLimits = {
  isOn: true,
  windowMs: 5_000,
  failureRatio: 0.6,
  minCalls: 4,
  openMs: 2_000,
  probes: 2,
};

interface Guarded extends AsyncDisposable {
  readonly bench: ToolBench;
  readonly breakers: Breakers;
  readonly clock: ManualClock;
  readonly changes: BreakerChange[];
}

function openGuarded(tools: readonly Tool[], more: Partial<ToolBenchOptions> = {}): Guarded {
  const clock = manualClock();
  const breakers = createBreakers(LIMITS, clock);
  const changes: BreakerChange[] = [];
  breakers.onChange((change) => void changes.push(change));
  const openBreaker = (tool: string) => breakers.open({ name: `the tool ${tool}`, runId: 'RUN' });
  const bench = openToolBench({ tools, clock, openBreaker, ...more });
  return { bench, breakers, clock, changes, [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() };
}

function toolOf(run: () => Promise<string>, more: Partial<Tool> = {}): Tool {
  const input = z.object({});
  const runs = async () => ({ text: await run() });
  return { name: 'fetch', description: 'Fetches.', input, lane: 'io', repeatable: true, run: runs, ...more };
}

/** Fails with `code`, until it is well. */
function patient(code: ErrorCode = 'TOOL_FAILED') {
  const self = {
    isWell: false,
    ran: 0,
    tool: toolOf(async () => {
      self.ran++;
      if (!self.isWell) throw new AppError(code, 'Out of order.');
      return 'well';
    }),
  };
  return self;
}

async function callTimes(bench: ToolBench, times: number): Promise<unknown[]> {
  const codes: unknown[] = [];
  for (let n = 0; n < times; n++) codes.push((await bench.call('fetch', {})).error?.code);
  return codes;
}

describe('the breaker of a tool', () => {
  test('holds calls back once too many failed, tells the model for how long, and lets them through when it is well', async () => {
    const sick = patient();
    await using guarded = openGuarded([sick.tool, toolOf(async () => 'fine', { name: 'other' })]);
    const { bench, clock } = guarded;
    expect(await callTimes(bench, 4)).toEqual(Array(4).fill('TOOL_FAILED'));
    const held = await bench.call('fetch', {});
    expect(held).toMatchObject({ state: 'failed', error: { code: 'CIRCUIT_OPEN', details: { retryAfterMs: 2_000 } } });
    expect(held.output).toBe(
      'CIRCUIT_OPEN: Calls of the tool fetch are held back since too many failed; try again in 2 s.',
    );
    expect([sick.ran, bench.ledger.length]).toEqual([4, 4]);
    expect(await bench.call('other', {})).toMatchObject({ state: 'done' });
    sick.isWell = true;
    await clock.advance(2_000);
    expect(await callTimes(bench, 3)).toEqual([undefined, undefined, undefined]);
    expect(guarded.changes.map(({ state }) => state)).toEqual(['open', 'half-open', 'closed']);
    expect(bench.ledger).toHaveLength(8);
  });

  test('holds a call back that waited for its lane when it opened', async () => {
    const sick = patient();
    await using guarded = openGuarded([sick.tool], { io: { maxRunning: 1, queueCapacity: 100 } });
    const calls = Array.from({ length: 10 }, () => guarded.bench.call('fetch', {}));
    const codes = (await Promise.all(calls)).map(({ error }) => error?.code);
    // A place is given on before what held it is counted: one more has begun by then.
    expect(codes).toEqual([...Array(5).fill('TOOL_FAILED'), ...Array(5).fill('CIRCUIT_OPEN')]);
    expect([sick.ran, guarded.bench.ledger.length]).toEqual([5, 5]);
  });

  const failures: readonly [ErrorCode, Tool['lane'], 'counts' | 'says nothing'][] = [
    ['TOOL_FAILED', 'io', 'counts'],
    ['TOOL_FAILED', 'cpu', 'counts'],
    ['PROCESS_LIMIT', 'process', 'counts'],
    ['LAUNCHER_LOST', 'process', 'counts'],
    ['WORKER_LOST', 'cpu', 'counts'],
    ['TASK_TIMED_OUT', 'io', 'counts'],
    ['TASK_TIMED_OUT', 'process', 'counts'],
    ['TASK_TIMED_OUT', 'cpu', 'says nothing'],
    ['FILE_NOT_FOUND', 'io', 'says nothing'],
    ['WORKSPACE_ESCAPE', 'cpu', 'says nothing'],
    ['WORKER_OUT_OF_MEMORY', 'cpu', 'says nothing'],
    ['INTERNAL', 'io', 'says nothing'],
  ];
  test.each(failures)('%s of a tool in the %s lane %s', async (code, lane, verdict) => {
    const { tool } = patient(code);
    await using guarded = openGuarded([{ ...tool, lane }]);
    await callTimes(guarded.bench, 4);
    expect(guarded.breakers.stats()).toMatchObject([{ state: verdict === 'counts' ? 'open' : 'closed' }]);
  });

  test('counts a failure that comes with something to read, and a call whose time is used up', async () => {
    const error = new AppError('TASK_TIMED_OUT', 'Too long.');
    const hang: Tool['run'] = (_input, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const hanging = { ...patient().tool, run: hang };
    const halfWay = { ...hanging, name: 'half', run: async () => ({ text: 'half of it', error }) };
    await using guarded = openGuarded([hanging, halfWay], { timeoutMs: 1_000 });
    const hung = [1, 2, 3, 4].map(() => guarded.bench.call('fetch', {}));
    await guarded.clock.advance(1_000);
    await Promise.all(hung);
    for (let n = 0; n < 4; n++) await guarded.bench.call('half', {});
    expect(guarded.breakers.stats()).toMatchObject([
      { name: 'the tool fetch', state: 'open', failures: 0 },
      { name: 'the tool half', state: 'open' },
    ]);
  });

  test('gets the place of a probe back that was cancelled, and is told of no call twice', async () => {
    const sick = patient();
    const held: (() => void)[] = [];
    let isHeld = false;
    const run: Tool['run'] = (input, context) => {
      if (!isHeld) return sick.tool.run(input, context);
      return new Promise((resolve, reject) => {
        held.push(() => resolve({ text: 'ok' }));
        context.signal.addEventListener('abort', () => reject(context.signal.reason as Error));
      });
    };
    const tool = { ...sick.tool, run };
    await using guarded = openGuarded([tool]);
    await callTimes(guarded.bench, 4);
    await guarded.clock.advance(2_000);
    isHeld = true;
    const aborter = new AbortController();
    const cancelled = guarded.bench.call('fetch', {}, { signal: aborter.signal });
    const second = guarded.bench.call('fetch', {});
    expect((await guarded.bench.call('fetch', {})).error?.code).toBe('CIRCUIT_OPEN');
    aborter.abort();
    expect(await cancelled).toMatchObject({ state: 'cancelled' });
    const third = guarded.bench.call('fetch', {});
    for (const end of held) end();
    expect([await second, await third]).toMatchObject([{ state: 'done' }, { state: 'done' }]);
    expect(guarded.breakers.stats()).toMatchObject([{ state: 'closed', refused: 1 }]);
  });

  test('is there from the first call on and forgotten with the tools of its run', async () => {
    const { tool } = patient();
    const guarded = openGuarded([tool]);
    expect(guarded.breakers.stats()).toEqual([]);
    await callTimes(guarded.bench, 1);
    expect(guarded.breakers.stats()).toMatchObject([{ name: 'the tool fetch', runId: 'RUN', calls: 1 }]);
    await guarded[Symbol.asyncDispose]();
    expect(guarded.breakers.stats()).toEqual([]);
  });
});

describe('a tool that is switched off', () => {
  test('denies its calls, also one that waited for its lane meanwhile, and serves again when it is on', async () => {
    const off = new Set<string>();
    const finish: (() => void)[] = [];
    const slow = toolOf(() => new Promise((resolve) => void finish.push(() => resolve('done'))));
    await using bench = openToolBench({ tools: [slow], off, io: { maxRunning: 1, queueCapacity: 9 } });
    const running = bench.call('fetch', {});
    const waiting = bench.call('fetch', {});
    off.add('fetch');
    const late = bench.call('fetch', {});
    finish.shift()!();
    const denied = { state: 'denied', output: 'TOOL_DENIED: fetch is switched off by the operator for now.' };
    expect(await Promise.all([running, waiting, late])).toMatchObject([{ state: 'done' }, denied, denied]);
    expect(bench.ledger).toEqual(['0-1']);
    off.delete('fetch');
    const again = bench.call('fetch', {});
    finish.shift()!();
    expect(await again).toMatchObject({ state: 'done' });
  });
});
