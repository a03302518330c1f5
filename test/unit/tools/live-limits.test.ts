import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Tool, ToolSettings } from '../../../runtime/tools/tool.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { openToolBench } from '../../support/tool-bench.ts';

type Changeable = { -readonly [Key in keyof ToolSettings]: ToolSettings[Key] };

const settingsOf = (timeoutMs: number, maxOutputBytes = 1_000): Changeable => ({
  timeoutMs,
  maxOutputBytes,
  off: new Set(),
});

const hanging: Tool = {
  name: 'hang',
  description: 'Hangs.',
  input: z.object({}),
  lane: 'io',
  repeatable: true,
  run: (_input, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
};

test('a call keeps the time it started with; the next one has the time that holds then', async () => {
  const clock = manualClock();
  const settings = settingsOf(1_000);
  await using bench = openToolBench({ tools: [hanging], clock, settings: () => settings });
  const ended: string[] = [];
  const call = (name: string): void =>
    void bench.call('hang', {}).then(({ output }) => ended.push(`${name}: ${output}`));
  call('first');
  settings.timeoutMs = 5_000;
  call('second');
  settings.timeoutMs = 10;
  call('third');
  settings.timeoutMs = 1_000;
  await clock.advance(10);
  expect(ended).toEqual(['third: TASK_TIMED_OUT: hang did not end within 0.01 s; ask for less at once.']);
  call('fourth');
  await clock.advance(990);
  expect(ended.slice(1)).toEqual(['first: TASK_TIMED_OUT: hang did not end within 1 s; ask for less at once.']);
  await clock.advance(10);
  expect(ended.slice(2)).toEqual(['fourth: TASK_TIMED_OUT: hang did not end within 1 s; ask for less at once.']);
  await clock.advance(3_990);
  expect(ended.slice(3)).toEqual(['second: TASK_TIMED_OUT: hang did not end within 5 s; ask for less at once.']);
});

test('a call that waited for its lane goes by what holds when it starts, also in what its tool is told', async () => {
  const settings = settingsOf(1_000, 100);
  const told: unknown[] = [];
  const finish: (() => void)[] = [];
  const tool: Tool = {
    ...hanging,
    run: (_input, { timeoutMs, maxOutputBytes }) => {
      told.push([timeoutMs, maxOutputBytes]);
      return new Promise((resolve) => void finish.push(() => resolve({ text: 'x'.repeat(500) })));
    },
  };
  const io = { maxRunning: 1, queueCapacity: 9 };
  await using bench = openToolBench({ tools: [tool], io, settings: () => settings });
  const calls = [bench.call('hang', {}), bench.call('hang', {})];
  Object.assign(settings, settingsOf(2_000, 400));
  finish.shift()!();
  const first = await calls[0]!;
  finish.shift()!();
  const second = await calls[1]!;
  expect(told).toEqual([
    [1_000, 100],
    [2_000, 400],
  ]);
  expect([first, second].map(({ output }) => output.replace(/\n.*/s, '').length)).toEqual([100, 400]);
});

test('whatever the time is changed to and whenever calls start, each ends when its own time is used up', async () => {
  const steps = fc.array(
    fc.record({ waitMs: fc.integer({ min: 0, max: 40 }), timeoutMs: fc.constantFrom(10, 20, 35, 60) }),
    { minLength: 1, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (starts) => {
      const clock = manualClock();
      const settings = settingsOf(1);
      await using bench = openToolBench({ tools: [hanging], clock, settings: () => settings });
      const ends: Promise<readonly [number, number]>[] = [];
      for (const { waitMs, timeoutMs } of starts) {
        await clock.advance(waitMs);
        settings.timeoutMs = timeoutMs;
        const dueMs = clock.monoMs() + timeoutMs;
        ends.push(bench.call('hang', {}).then(() => [dueMs, clock.monoMs()] as const));
      }
      for (let ms = 0; ms < 70; ms++) await clock.advance(1);
      for (const [dueMs, endedMs] of await Promise.all(ends)) {
        expect(endedMs).toBeGreaterThanOrEqual(dueMs);
        expect(endedMs).toBeLessThanOrEqual(dueMs + 40);
      }
    }),
    { numRuns: 200 },
  );
});

test('tools that close while calls of several time limits run cancel all of them', async () => {
  const settings = settingsOf(1_000);
  const bench = openToolBench({ tools: [hanging], settings: () => settings });
  const calls = [bench.call('hang', {})];
  settings.timeoutMs = 2_000;
  calls.push(bench.call('hang', {}));
  await bench[Symbol.asyncDispose]();
  expect(await Promise.all(calls)).toMatchObject([{ state: 'cancelled' }, { state: 'cancelled' }]);
});
