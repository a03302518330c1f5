import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  AgentLog,
  toCutWords,
  toPrettyArguments,
  toShortArguments,
} from '../../../../renderer/views/runs/agent/log-model.ts';
import { toPercents, toTimeParts } from '../../../../renderer/views/runs/agent/times-model.ts';
import { COLUMNS, fitColumns, toMinWidth } from '../../../../renderer/views/runs/agents/columns-model.ts';
import { addSample, estimateLeftMs, toPossible } from '../../../../renderer/views/runs/page/run-model.ts';

test('the time left follows the recent rate and is not guessed from too little', () => {
  expect(estimateLeftMs([], 100)).toBeUndefined();
  expect(
    estimateLeftMs(
      [
        { atMs: 0, done: 0 },
        { atMs: 2_000, done: 50 },
      ],
      100,
    ),
  ).toBeUndefined();
  expect(
    estimateLeftMs(
      [
        { atMs: 0, done: 0 },
        { atMs: 10_000, done: 2 },
      ],
      100,
    ),
  ).toBeUndefined();
  expect(
    estimateLeftMs(
      [
        { atMs: 0, done: 0 },
        { atMs: 10_000, done: 50 },
      ],
      100,
    ),
  ).toBe(10_000);
});

test('samples before the window are forgotten', () => {
  const samples = addSample(addSample([{ atMs: 0, done: 0 }], { atMs: 30_000, done: 1 }), { atMs: 70_000, done: 2 });
  expect(samples.map(({ atMs }) => atMs)).toEqual([30_000, 70_000]);
});

test('percentages of any parts add up to 100', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 9 }), (values) => {
      fc.pre(values.some((value) => value > 1));
      expect(toPercents(values).reduce((sum, value) => sum + value, 0)).toBe(100);
    }),
  );
});

test('what was not measured of a life is the rest', () => {
  const parts = toTimeParts({
    queuedMs: 5,
    lifeMs: 100,
    askingMs: 50,
    tools: [{ tool: 'shell', calls: 2, ms: 20 }],
    waiting: [{ reason: 'a permit', ms: 10 }],
  });
  expect(parts.map(({ name, ms, percent }) => [name, ms, percent])).toEqual([
    ['asking', 50, 50],
    ['tools', 20, 20],
    ['waiting', 10, 10],
    ['the rest', 20, 20],
  ]);
});

test('an entry that came again keeps its place, earlier ones stand before it, a restart forgets all', () => {
  const log = new AgentLog();
  const notice = (key: string, text: string) => ({ kind: 'notice', key, atMs: 0, level: 'info', text }) as const;
  for (const item of [notice('b', '1'), notice('c', '2'), { kind: 'baseline', older: 'x' } as const]) log.take(item);
  log.take(notice('b', 'again'));
  log.prepend([notice('a', '0'), notice('b', 'old')], undefined);
  log.take(notice('c', 'later'));
  expect(log.entries.map((entry) => entry.kind === 'notice' && `${entry.key} ${entry.text}`)).toEqual([
    'a 0',
    'b again',
    'c later',
  ]);
  expect(log.older).toBeUndefined();
  log.take({ kind: 'restart' });
  expect(log.entries).toEqual([]);
  expect(log.isWhole).toBe(false);
});

test('arguments are short in a line and whole when unfolded, also when they were cut', () => {
  expect(toShortArguments('{"command":"rg -n \\"enqueue\\"\\n src"}')).toBe('rg -n "enqueue" src');
  expect(toShortArguments('{"path":"a.ts","lines":[1,2]}')).toBe('a.ts [1,2]');
  expect(toShortArguments('{"path":"a.t')).toBe('{"path":"a.t');
  expect(toPrettyArguments('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(toPrettyArguments('{"a":')).toBe('{"a":');
  expect(toCutWords({ text: 'abc', chars: 3 })).toBeUndefined();
  expect(toCutWords({ text: 'abc', chars: 18_400 })).toBe('Shown: 3 of 18,400 characters');
});

test('the least important columns go first, those wanted stay', () => {
  expect(fitColumns(2_000, {})).toEqual(COLUMNS);
  const narrow = fitColumns(640, {});
  expect(toMinWidth(narrow)).toBeLessThanOrEqual(640);
  expect(narrow.map(({ id }) => id)).not.toContain('turns');
  expect(fitColumns(300, { turns: true }).map(({ id }) => id)).toEqual(['agent', 'state', 'turns']);
  expect(fitColumns(2_000, { cost: false }).map(({ id }) => id)).not.toContain('cost');
});

test('a run that has ended can be continued where agents are left or failed', () => {
  expect(toPossible({ state: 'interrupted', agentsFailed: 0 }, false)).toMatchObject({
    canContinue: true,
    canStop: false,
  });
  expect(toPossible({ state: 'done', agentsFailed: 2 }, false)).toMatchObject({
    canContinue: false,
    canRetryFailed: true,
  });
  expect(toPossible({ state: 'paused', agentsFailed: 1 }, true)).toMatchObject({
    canResume: true,
    canRetryFailed: false,
  });
});
