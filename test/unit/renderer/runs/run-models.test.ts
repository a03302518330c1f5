import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  AgentLog,
  findAnswer,
  isAnswerOf,
  MAX_ENTRIES,
  type LogEntry,
  toCutWords,
  toPrettyArguments,
  toShortArguments,
} from '../../../../renderer/views/runs/agent/log-model.ts';
import { toPercents, toTimeParts } from '../../../../renderer/views/runs/agent/times-model.ts';
import { COLUMNS, fitColumns } from '../../../../renderer/views/runs/agents/columns-model.ts';
import { fitColumns as fitAny, toMinWidth } from '../../../../renderer/views/runs/fit-columns.ts';
import { RUN_COLUMNS } from '../../../../renderer/views/runs/list/run-columns.ts';

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
    runningMs: 0,
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

test('a log has a bound: the oldest entries go, and the place before them is asked for anew', () => {
  const log = new AgentLog();
  const notice = (key: number) => ({ kind: 'notice', key: `${key}`, atMs: 0, level: 'info', text: '' }) as const;
  log.take({ kind: 'baseline', older: 'before 0' });
  for (let key = 0; key <= MAX_ENTRIES; key++) {
    log.take(notice(key));
    expect(log.entries.length).toBeLessThanOrEqual(MAX_ENTRIES);
  }
  expect(log.entries.at(-1)?.key).toBe(`${MAX_ENTRIES}`);
  expect(log).toMatchObject({ isCut: true, older: undefined });
  log.forgetBefore([notice(MAX_ENTRIES - 1)], 'before the last');
  expect(log.entries).toHaveLength(2);
  expect(log).toMatchObject({ isCut: false, older: 'before the last' });
});

test('earlier entries are let in up to the bound, and then the log says that there are more', () => {
  const log = new AgentLog();
  const notice = (key: number) => ({ kind: 'notice', key: `${key}`, atMs: 0, level: 'info', text: '' }) as const;
  const page = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => notice(from + at));
  for (const item of page(MAX_ENTRIES, MAX_ENTRIES + 100)) log.take(item);
  log.prepend(page(1_000, MAX_ENTRIES), 'before 1000');
  expect(log).toMatchObject({ isFull: false, older: 'before 1000' });
  log.prepend(page(0, 1_000), 'before 0');
  expect(log.entries).toHaveLength(MAX_ENTRIES);
  expect(log.entries[0]?.key).toBe('100');
  expect(log).toMatchObject({ isFull: true, older: undefined });
  log.take(notice(MAX_ENTRIES + 100));
  expect(log).toMatchObject({ isFull: false, isCut: true });
});

test('what is far from the end is dropped down to the newest page, and newer words stay', () => {
  const log = new AgentLog();
  const notice = (key: string, text: string) => ({ kind: 'notice', key, atMs: 0, level: 'info', text }) as const;
  for (const key of ['a', 'b', 'c', 'd', 'e']) log.take(notice(key, 'live'));
  log.take({ kind: 'baseline', older: undefined });
  log.forgetBefore([notice('c', 'recorded'), notice('d', 'recorded')], 'before c');
  const keys = () => log.entries.map((entry) => entry.kind === 'notice' && `${entry.key} ${entry.text}`);
  expect(keys()).toEqual(['c live', 'd live', 'e live']);
  expect(log.older).toBe('before c');
  log.take(notice('e', 'again'));
  log.prepend([notice('b', 'recorded')], undefined);
  expect(keys()).toEqual(['b recorded', 'c live', 'd live', 'e again']);
  log.forgetBefore([notice('x', 'of another log')], 'elsewhere');
  expect(keys()).toHaveLength(4);
  expect(log.older).toBeUndefined();
});

test('the answer is known among the last entries, and the turn that wrote it', () => {
  const text = (words: string) => ({ text: words, chars: words.length });
  const turn = {
    kind: 'turn',
    key: 't',
    atMs: 0,
    turn: 1,
    attempt: 1,
    state: 'done',
    provider: 'p',
    model: 'm',
  } as const;
  const wrote: LogEntry = { ...turn, text: text('12 lines\n'), toolCalls: 0 };
  const answer: LogEntry = { kind: 'answer', key: 'a', atMs: 1, text: text('12 lines') };
  const found = findAnswer([wrote, answer, { kind: 'state', key: 's', atMs: 1, state: 'done' }]);
  expect(found).toBe('12 lines');
  expect(isAnswerOf(wrote, found)).toBe(true);
  expect(isAnswerOf({ ...wrote, text: text('I will read.') }, found)).toBe(false);
  expect(isAnswerOf(wrote, findAnswer([wrote]))).toBe(false);
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

test('the list of runs drops figures where it is narrow, and fits at every width down to a small window', () => {
  expect(fitAny(RUN_COLUMNS, 2_000)).toEqual(RUN_COLUMNS);
  for (const width of [1_000, 796, 625, 500]) expect(toMinWidth(fitAny(RUN_COLUMNS, width))).toBeLessThanOrEqual(width);
  expect(fitAny(RUN_COLUMNS, 625).map(({ id }) => id)).toEqual(['fleet', 'state', 'started', 'agents']);
  expect(fitAny(RUN_COLUMNS, 100).map(({ id }) => id)).toEqual(['fleet', 'state']);
});
