import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Tool, ToolContext, ToolOutput } from '../../../runtime/tools/tool.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { openToolBench } from '../../support/tool-bench.ts';

const schema = z.strictObject({ path: z.string(), count: z.int().min(1).default(1) });

function tool(
  run: (input: z.infer<typeof schema>, context: ToolContext) => Promise<ToolOutput>,
  more: Partial<Tool> = {},
): Tool {
  return { name: 'read_file', description: 'Reads.', input: schema, lane: 'io', repeatable: true, run, ...more };
}

const echo = tool(async ({ path, count }) => ({ text: path.repeat(count) }));

/** A tool that runs until it is told to end, and the contexts it was given. */
function heldTool(onSignal: 'ends' | 'ignores it'): { tool: Tool; contexts: ToolContext[] } {
  const contexts: ToolContext[] = [];
  const held = tool((_, context) => {
    contexts.push(context);
    return new Promise((_resolve, reject) => {
      if (onSignal === 'ends') context.signal.addEventListener('abort', () => reject(context.signal.reason as Error));
    });
  });
  return { tool: held, contexts };
}

describe('a call', () => {
  test('runs the tool with checked arguments and answers its output', async () => {
    await using bench = openToolBench({ tools: [echo] });
    const result = await bench.call('read_file', { path: 'ä', count: 3 });
    expect(result).toMatchObject({ state: 'done', output: 'äää', outputBytes: 6 });
    expect(result.ms).toBeGreaterThanOrEqual(result.waitMs);
    expect(bench.ledger).toEqual(['0-1']);
  });

  test('writes its id to the ledger when the tool is about to run, and not when it never does', async () => {
    const seen: string[][] = [];
    const bench = openToolBench({
      tools: [tool(async () => (seen.push([...bench.ledger]), { text: '' })), { ...echo, name: 'w', needs: 'shell' }],
    });
    await using _ = bench;
    await bench.call('read_file', '{');
    await bench.call('nothing', {});
    await bench.call('w', { path: 'x' });
    await bench.call('read_file', { path: 'x' });
    expect(seen).toEqual([['0-4']]);
  });

  test('of a tool that does not exist names the nearest one', async () => {
    await using bench = openToolBench({ tools: [echo, { ...echo, name: 'write_file' }] });
    const near = await bench.call('readFile', {});
    expect(near).toMatchObject({ state: 'failed', error: { code: 'TOOL_UNKNOWN' } });
    expect(near.output).toBe('TOOL_UNKNOWN: There is no tool "readFile"; did you mean "read_file"?');
    expect((await bench.call('deploy_to_the_moon', {})).output).toContain('there are read_file, write_file');
    expect((await bench.call('x'.repeat(100_000), {})).output.length).toBeLessThan(300);
  });

  test('of a tool that the fleet does not allow is denied, with the line that would allow it', async () => {
    await using bench = openToolBench({ tools: [{ ...echo, needs: 'write_file' }] });
    const result = await bench.call('read_file', 'not even JSON');
    expect(result).toMatchObject({ state: 'denied', error: { code: 'TOOL_DENIED' } });
    expect(result.output).toContain('add "- write_file" under "allow:" in the fleet file');
    await using allowed = openToolBench({ tools: [{ ...echo, needs: 'write_file' }], allow: ['write_file'] });
    expect(await allowed.call('read_file', { path: 'x' })).toMatchObject({ state: 'done' });
  });

  test('that fails is a result: what the tool said, a failure of the system, a defect', async () => {
    const failures: unknown[] = [
      new AppError('FILE_NOT_FOUND', 'There is no "x".'),
      Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' }),
      new TypeError('x is not a function'),
      'thrown text',
    ];
    await using bench = openToolBench({ tools: [tool(() => Promise.reject(failures.shift()))] });
    const codes: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const result = await bench.call('read_file', { path: 'x' });
      codes.push(result.error?.code);
      expect(result).toMatchObject({ state: 'failed', output: `${result.error?.code}: ${result.error?.message}` });
    }
    expect(codes).toEqual(['FILE_NOT_FOUND', 'TOOL_FAILED', 'INTERNAL', 'INTERNAL']);
  });

  test('of a tool that throws before it answers a promise is a failure too', async () => {
    const broken = tool(() => {
      throw new AppError('TOOL_FAILED', 'No.');
    });
    await using bench = openToolBench({ tools: [broken] });
    expect(await bench.call('read_file', { path: 'x' })).toMatchObject({
      state: 'failed',
      error: { code: 'TOOL_FAILED' },
    });
  });

  test('keeps what a failing tool has to show', async () => {
    const error = new AppError('TASK_TIMED_OUT', 'Too long.');
    await using bench = openToolBench({ tools: [tool(async () => ({ text: 'half of it', error }))] });
    const result = await bench.call('read_file', { path: 'x' });
    expect(result).toMatchObject({ state: 'failed', output: 'half of it', error: { code: 'TASK_TIMED_OUT' } });
  });
});

describe('arguments', () => {
  const cases: readonly [string, string, RegExp][] = [
    ['cut short', '{"path": "a', /are not JSON/],
    ['of another type', '{"path": 7}', /path: Invalid input: expected string, received number/],
    ['not an object', '[]', /expected object, received array/],
    ['null', 'null', /expected object/],
    ['missing', '', /path: Invalid input: expected string, received undefined/],
    ['unknown', '{"path":"a","rm":true}', /Unrecognized key: "rm"/],
    ['out of bounds', '{"path":"a","count":0}', /count: .*>=1/],
    ['a number too large to be whole', '{"path":"a","count":1e400}', /count/],
    ['the prototype', '{"path":"a","__proto__":{"count":9}}', /Unrecognized key: "__proto__"/],
    ['a constructor', '{"path":"a","constructor":{"prototype":{"polluted":1}}}', /Unrecognized key: "constructor"/],
  ];
  test.each(cases)('that are %s are refused with what is wrong', async (_, argumentsJson, message) => {
    await using bench = openToolBench({ tools: [echo] });
    const result = await bench.call('read_file', argumentsJson);
    expect(result).toMatchObject({ state: 'failed', error: { code: 'TOOL_ARGUMENTS_INVALID' } });
    expect(result.output).toMatch(message);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('with a hundred mistakes get a short answer', async () => {
    await using bench = openToolBench({ tools: [echo] });
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`key${i}`, i]));
    expect((await bench.call('read_file', many)).output.length).toBeLessThan(1_000);
  });

  test('of any text never make a call reject', async () => {
    await using bench = openToolBench({ tools: [echo] });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (argumentsJson) => {
        const result = await bench.call('read_file', argumentsJson);
        expect(['done', 'failed']).toContain(result.state);
      }),
    );
  });
});

describe('time and cancellation', () => {
  test('a tool that runs too long is asked to end and the call fails', async () => {
    const clock = manualClock();
    const { tool: held, contexts } = heldTool('ends');
    await using bench = openToolBench({ tools: [held], clock, timeoutMs: 1_000 });
    const call = bench.call('read_file', { path: 'x' });
    await clock.advance(999);
    expect(contexts[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await call).toMatchObject({ state: 'failed', error: { code: 'TASK_TIMED_OUT' }, ms: 1_000 });
  });

  test('each of many calls has its own time limit, and those that ended in time are left alone', async () => {
    const clock = manualClock();
    const { tool: held, contexts } = heldTool('ends');
    await using bench = openToolBench({ tools: [held, { ...echo, name: 'echo' }], clock, timeoutMs: 1_000 });
    const first = bench.call('read_file', { path: 'x' });
    await bench.call('echo', { path: 'x' });
    await clock.advance(600);
    const second = bench.call('read_file', { path: 'x' });
    await clock.advance(400);
    expect(await first).toMatchObject({ error: { code: 'TASK_TIMED_OUT' } });
    expect(contexts[1]?.signal.aborted).toBe(false);
    await clock.advance(600);
    expect(await second).toMatchObject({ error: { code: 'TASK_TIMED_OUT' } });
  });

  test('a tool that ignores its signal is no longer waited for, and keeps its slot', async () => {
    const clock = manualClock();
    const { tool: held } = heldTool('ignores it');
    const bench = openToolBench({ tools: [held], clock, timeoutMs: 1_000 });
    const call = bench.call('read_file', { path: 'x' });
    await clock.advance(1_000);
    await clock.advance(5_000);
    expect(await call).toMatchObject({ state: 'failed', error: { code: 'TASK_TIMED_OUT' } });
    expect(bench.gate.stats().find((lane) => lane.name === 'io')).toMatchObject({ running: 1 });
    await bench.tools[Symbol.asyncDispose]();
  });

  test('waiting for a lane does not use up the time limit', async () => {
    const clock = manualClock();
    const { tool: held } = heldTool('ends');
    await using bench = openToolBench({
      tools: [held, { ...echo, name: 'echo' }],
      clock,
      timeoutMs: 1_000,
      io: { maxRunning: 1, queueCapacity: 5 },
    });
    const first = bench.call('read_file', { path: 'x' });
    const second = bench.call('read_file', { path: 'x' });
    const third = bench.call('echo', { path: 'x' });
    await clock.advance(1_000);
    await clock.advance(1_000);
    expect([await first, await second].map((result) => result.waitMs)).toEqual([0, 1_000]);
    expect(await third).toMatchObject({ state: 'done', waitMs: 2_000, ms: 2_000 });
  });

  test('cancelling reaches a running tool, and only those of that caller', async () => {
    const { tool: held, contexts } = heldTool('ends');
    const bench = openToolBench({ tools: [held] });
    const [one, other] = [new AbortController(), new AbortController()];
    const [first, second] = [one, other].map(({ signal }) => bench.call('read_file', { path: 'x' }, { signal }));
    await Promise.resolve();
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    one.abort();
    expect(await first).toMatchObject({ state: 'cancelled', error: { code: 'TASK_CANCELLED' } });
    expect(contexts[1]?.signal.aborted).toBe(false);
    await bench[Symbol.asyncDispose]();
    expect(await second).toMatchObject({ state: 'cancelled', output: expect.stringContaining('The run has ended') });
  });

  test('cancelling drops a call that waits, and the tool is not run', async () => {
    const { tool: held } = heldTool('ends');
    await using bench = openToolBench({ tools: [held], io: { maxRunning: 1, queueCapacity: 5 } });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = bench.call('read_file', { path: 'x' }, { signal: running.signal });
    const second = bench.call('read_file', { path: 'x' }, { signal: waiting.signal });
    waiting.abort();
    expect(await second).toMatchObject({ state: 'cancelled' });
    running.abort();
    await first;
    expect(bench.ledger).toEqual(['0-1']);
  });

  test('a call whose signal has aborted before is not run', async () => {
    await using bench = openToolBench({ tools: [echo] });
    expect(await bench.call('read_file', { path: 'x' }, { signal: AbortSignal.abort() })).toMatchObject({
      state: 'cancelled',
    });
    expect(bench.ledger).toEqual([]);
  });

  test('a tool that asks for its signal after the call was cut short gets an aborted one', async () => {
    const clock = manualClock();
    const gone = Promise.withResolvers<void>();
    let aborted: boolean | undefined;
    const late = tool(async (_, context) => {
      await gone.promise;
      aborted = context.signal.aborted;
      return { text: 'late' };
    });
    await using bench = openToolBench({ tools: [late], clock, timeoutMs: 10 });
    const call = bench.call('read_file', { path: 'x' });
    await clock.advance(10);
    gone.resolve();
    expect(await call).toMatchObject({ state: 'done', output: 'late' });
    expect(aborted).toBe(true);
  });
});

describe('a full lane', () => {
  test('is waited out: every call is run once in the end', async () => {
    const clock = manualClock();
    const busy = tool(async ({ path }) => {
      await clock.sleep(10);
      return { text: path };
    });
    await using bench = openToolBench({ tools: [busy], clock, io: { maxRunning: 2, queueCapacity: 1 } });
    const calls = Array.from({ length: 40 }, (_, i) => bench.call('read_file', { path: String(i) }));
    const results = Promise.all(calls);
    for (let step = 0; step < 5_000 && bench.ledger.length < 40; step++) await clock.advance(20);
    await clock.advance(20);
    expect((await results).map(({ output }) => output)).toEqual(calls.map((_, i) => String(i)));
    expect(new Set(bench.ledger).size).toBe(40);
    expect(bench.ledger.length).toBe(40);
    expect(bench.gate.stats().find(({ name }) => name === 'io')?.refused).toBeGreaterThan(0);
  });

  test('does not keep the end of the run waiting', async () => {
    const clock = manualClock();
    const { tool: held } = heldTool('ends');
    const bench = openToolBench({ tools: [held], clock, io: { maxRunning: 1, queueCapacity: 0 } });
    const calls = [1, 2, 3].map(() => bench.call('read_file', { path: 'x' }));
    await clock.advance(1);
    await bench[Symbol.asyncDispose]();
    expect((await Promise.all(calls)).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(await bench.call('read_file', { path: 'x' })).toMatchObject({ state: 'cancelled' });
    expect(bench.ledger).toEqual(['0-1']);
  });

  test('a tool that was itself refused by a lane is not run again', async () => {
    const refused = tool(() =>
      Promise.reject(new AppError('LANE_SATURATED', 'Full.', { details: { retryAfterMs: 1 } })),
    );
    await using bench = openToolBench({ tools: [refused] });
    expect(await bench.call('read_file', { path: 'x' })).toMatchObject({
      state: 'failed',
      error: { code: 'LANE_SATURATED' },
    });
    expect(bench.ledger).toEqual(['0-1']);
  });
});

describe('what a run offers', () => {
  test('is the schema of each tool that exists, without those that do not', async () => {
    await using bench = openToolBench({ tools: [echo] });
    const [schema, ...others] = bench.tools.schemas(['nothing', 'read_file']);
    expect(others).toEqual([]);
    expect(schema).toEqual({
      name: 'read_file',
      description: 'Reads.',
      inputSchema: expect.objectContaining({ type: 'object', required: ['path'], additionalProperties: false }),
    });
    expect(bench.tools.isRepeatable('read_file')).toBe(true);
    expect(bench.tools.isRepeatable('nothing')).toBe(false);
  });

  test('a notice is told once, however often a tool finds it out', async () => {
    const notices: string[] = [];
    const told = tool(async (_, context) => {
      context.notice('No sandbox.');
      return { text: '' };
    });
    await using bench = openToolBench({ tools: [told], onNotice: (text) => void notices.push(text) });
    await bench.call('read_file', { path: 'x' });
    await bench.call('read_file', { path: 'x' });
    expect(notices).toEqual(['No sandbox.']);
  });

  test('signals of thousands of agents are let go of again', async () => {
    const { tool: held } = heldTool('ends');
    await using bench = openToolBench({ tools: [echo, { ...held, name: 'held' }] });
    const [stay, first] = [new AbortController(), new AbortController()];
    const running = bench.call('held', { path: 'x' }, { signal: stay.signal });
    await bench.call('read_file', { path: 'x' }, { signal: first.signal });
    expect(getEventListeners(first.signal, 'abort').length).toBe(1);
    for (let i = 0; i < 5_000; i++) await bench.call('read_file', { path: 'x' });
    expect(getEventListeners(first.signal, 'abort').length).toBe(0);
    stay.abort();
    expect(await running).toMatchObject({ state: 'cancelled' });
  });
});
