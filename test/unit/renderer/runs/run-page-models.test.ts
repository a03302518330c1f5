import { expect, test } from 'vitest';
import { Frames, toFigures } from '../../../../renderer/views/runs/page/figures-model.ts';
import { toProgressFacts } from '../../../../renderer/views/runs/page/progress-facts.ts';
import {
  countWhole,
  findSpentBudget,
  toLiveProgress,
  toPossible,
  toProgressShares,
  toSpentWords,
  toUnpricedWords,
} from '../../../../renderer/views/runs/page/run-model.ts';
import type { RunProgress } from '../../../../shared/model/run-summary.ts';
import { AGENT_STATES, type AgentState } from '../../../../shared/model/states.ts';
import { encodeTable } from '../../../../shared/table/encode-table.ts';
import { runFrames } from '../../../../shared/table/run-frames.ts';

const RUN: RunProgress = {
  runId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  fleet: 'survey',
  state: 'running',
  startedAtMs: 0,
  agents: 10,
  agentsDone: 2,
  agentsFailed: 0,
  agentsAtLimit: 0,
  agentsCutShort: 0,
  workedMs: 0,
  agentsRunning: 4,
  turns: 9,
  toolCalls: 9,
  toolCallsFailed: 0,
  retries: 0,
  inputTokens: 900,
  outputTokens: 300,
  costUsd: 0.5,
  unpricedTurns: 0,
};

test('progress is as new as the agents, once all of them are there and while the run is live', () => {
  const countsOf = (counts: Partial<Record<AgentState, number>>) => ({
    countByState: AGENT_STATES.map((state) => counts[state] ?? 0),
  });
  const all = countsOf({ queued: 1, asking: 2, done: 4, failed: 1, 'limit reached': 1, stopped: 1 });
  expect(toLiveProgress(RUN, true, all)).toMatchObject({
    agentsDone: 7,
    agentsFailed: 1,
    agentsAtLimit: 1,
    agentsCutShort: 1,
    agentsRunning: 2,
    toolCalls: 9,
  });
  expect(toLiveProgress(RUN, true, countsOf({ done: 9 }))).toBe(RUN);
  expect(toLiveProgress(RUN, false, all)).toBe(RUN);
  expect(toLiveProgress(RUN, true, undefined)).toBe(RUN);
  expect(countWhole(toLiveProgress(RUN, true, all))).toBe(6);
});

test('the parts of the bar are of all agents, and a run without agents has none', () => {
  const shares = toProgressShares({ ...RUN, agentsDone: 5, agentsFailed: 1, agentsAtLimit: 2 });
  expect(shares.map(({ name, ratio }) => [name, ratio])).toEqual([
    ['done', 0.2],
    ['at a limit', 0.2],
    ['failed', 0.1],
    ['stopped', 0],
    ['at work', 0.4],
  ]);
  const cut = { ...RUN, agentsDone: 10, agentsCutShort: 3, agentsRunning: 0 };
  const seen = (run: RunProgress) =>
    toProgressShares(run).flatMap(({ name, ratio }) => (ratio > 0 ? [[name, ratio]] : []));
  expect(seen({ ...cut, state: 'stopped' })).toEqual([
    ['done', 0.7],
    ['stopped', 0.3],
  ]);
  expect(seen({ ...cut, state: 'interrupted' })).toEqual([
    ['done', 0.7],
    ['interrupted', 0.3],
  ]);
  expect(toProgressShares({ ...RUN, agents: 0 })).toEqual([]);
});

test('the line of progress begins with what matters: how far, how long, what went wrong', () => {
  const ended = { ...RUN, state: 'interrupted', startedAtMs: 5, endedAtMs: 3_600_000, workedMs: 62_000 } as const;
  const run = { ...ended, agentsDone: 9, agentsFailed: 2, agentsAtLimit: 1, agentsCutShort: 4 };
  expect(toProgressFacts({ run, report: undefined, left: undefined }).slice(0, 5)).toEqual([
    '50%',
    'took 1 m 2 s',
    '2 failed',
    '1 at a limit',
    '4 interrupted',
  ]);
  const left = (isBound: boolean) => toProgressFacts({ run: RUN, report: undefined, left: { ms: 90_000, isBound } });
  expect(left(false).slice(0, 3)).toEqual(['20%', 'about 1 m 30 s left', '9 tool calls']);
  expect(left(true)[1]).toBe('up to 1 m 30 s at this pace');
  expect(left(true).at(-1)).toBe('0 failed');
});

test('what was spent stands beside what may be spent, and says what has no price', () => {
  expect(toSpentWords({ run: RUN, budget: {} })).toBe('$0.50 · 1.2 k tokens');
  expect(toSpentWords({ run: { ...RUN, unpricedTurns: 3 }, budget: { usd: 5, tokens: 2_000 } })).toBe(
    '$0.50+ of $5.00 · 1.2 k of 2.0 k tokens',
  );
  expect(toUnpricedWords(RUN)).toBeUndefined();
  expect(toUnpricedWords({ unpricedTurns: 3 })).toBe('3 turns unpriced: their cost is not in the sum');
});

test('only a paused run that has reached its budget is held by it', () => {
  const paused = { ...RUN, state: 'paused' } as const;
  expect(findSpentBudget({ run: paused, budget: { usd: 0.5 } })).toBe('usd');
  expect(findSpentBudget({ run: paused, budget: { tokens: 1_200 } })).toBe('tokens');
  expect(findSpentBudget({ run: paused, budget: { usd: 1 } })).toBeUndefined();
  expect(findSpentBudget({ run: RUN, budget: { usd: 0.5 } })).toBeUndefined();
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

test('a run of which no agent is left is not offered to go on', () => {
  expect(toPossible({ state: 'stopped', agentsFailed: 0 }, false, false).canContinue).toBe(false);
  expect(toPossible({ state: 'stopped', agentsFailed: 0 }, false, true).canContinue).toBe(true);
});

function framesOf(
  rows: readonly { readonly toolCalls: number; readonly seconds?: number; readonly p99?: number }[],
): Frames {
  const frames = new Frames();
  const zeros = rows.map(() => 0);
  frames.take(
    encodeTable(runFrames, rows.length, {
      atMs: rows.map((_, at) => at * 1_000),
      seconds: rows.map(({ seconds = 1 }) => seconds),
      toolCalls: rows.map(({ toolCalls }) => toolCalls),
      toolCallsFailed: zeros,
      turns: zeros,
      outputTokens: zeros,
      callP50Ms: zeros,
      callP99Ms: rows.map(({ p99 = Number.NaN }) => p99),
      running: zeros,
      waiting: zeros,
      agents: rows.map(({ toolCalls }) => toolCalls),
      gcPauseMs: zeros,
      loopDelayP99Ms: zeros,
      rssBytes: zeros,
    }),
  );
  return frames;
}

test('the figures of a live run are of now: the newest second, the newest percentile that was measured', () => {
  const { rows } = framesOf([{ toolCalls: 4, p99: 12 }, { toolCalls: 9 }]);
  const [calls, latency, atWork] = toFigures(rows, true, undefined);
  expect(calls).toMatchObject({ label: 'Tool calls / s', value: 9, of: undefined, values: [4, 9] });
  expect(latency).toMatchObject({ label: 'p99 latency', value: 12, unit: 'ms' });
  expect(atWork).toMatchObject({ label: 'Agents at work', value: 9 });
});

test('the figures of a past run are of all of it: averages by time, peaks, the percentile of its report', () => {
  const { rows } = framesOf([
    { toolCalls: 30, seconds: 3, p99: 12 },
    { toolCalls: 2, seconds: 1 },
  ]);
  const [calls, latency, atWork] = toFigures(rows, false, 44);
  expect(calls).toMatchObject({ of: 'avg', value: 8, values: [10, 2] });
  expect(latency).toMatchObject({ of: 'of all', value: 44 });
  expect(atWork).toMatchObject({ of: 'peak', value: 30 });
  expect(toFigures([], false, undefined)[0]?.value).toBeNaN();
});
