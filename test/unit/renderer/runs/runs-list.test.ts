import { expect, test } from 'vitest';
import { toRunRows } from '../../../../renderer/views/runs/list/runs-model.ts';
import type { RecordedRun } from '../../../../shared/contract/history.ts';
import type { RunProgress } from '../../../../shared/model/run-summary.ts';

const COUNTS = {
  fleet: 'survey',
  agents: 10,
  agentsDone: 9,
  turns: 9,
  retries: 0,
  toolCalls: 40,
  toolCallsFailed: 0,
  inputTokens: 900,
  outputTokens: 300,
  costUsd: 0.5,
  unpricedTurns: 1,
};
const TIMES = { startedAtMs: 1_000, workedMs: 5_000 };
const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

const live: RunProgress = {
  ...COUNTS,
  ...TIMES,
  runId: ID,
  state: 'running',
  workingSinceMs: 90_000,
  agentsFailed: 1,
  agentsAtLimit: 0,
  agentsCutShort: 3,
  agentsRunning: 1,
};
const recorded: RecordedRun = {
  ...COUNTS,
  ...TIMES,
  runId: `${ID.slice(0, -1)}W`,
  fleetPath: 'fleet.yaml',
  state: 'interrupted',
  endedAtMs: 60_000,
  failed: 1,
  atLimit: 0,
  cutShort: 3,
};
const ALL = { filter: 'all', fleet: undefined } as const;

test('a live and a recorded run are told by the same counts and times', () => {
  const rows = toRunRows([live], [recorded], ALL);
  const told = {
    ...TIMES,
    agents: 10,
    agentsDone: 9,
    agentsFailed: 1,
    agentsCutShort: 3,
    tokens: 1_200,
    isPartlyPriced: true,
  };
  expect(rows).toMatchObject([
    { ...told, isLive: true, workingSinceMs: 90_000 },
    { ...told, isLive: false },
  ]);
  expect(rows[1]).not.toHaveProperty('workingSinceMs');
});

test('a run that is live, or has just ended, is not listed a second time from history', () => {
  const ended = { ...live, state: 'done' } as const;
  expect(toRunRows([ended], [{ ...recorded, runId: ID }], ALL)).toMatchObject([{ runId: ID, isLive: false }]);
  expect(toRunRows([ended], [recorded], { filter: 'live', fleet: undefined })).toEqual([]);
});

test('live runs stand above those that have just ended, and these among the recorded ones, newest first', () => {
  const at = (end: string, state: RunProgress['state'], startedAtMs: number): RunProgress => ({
    ...live,
    runId: `${ID.slice(0, -1)}${end}`,
    state,
    startedAtMs,
  });
  const now = [at('A', 'running', 10), at('B', 'done', 30), at('C', 'paused', 20), at('D', 'failed', 5)];
  const before = [8, 3].map((startedAtMs) => ({ ...recorded, runId: `${ID.slice(0, -1)}${startedAtMs}`, startedAtMs }));
  expect(toRunRows(now, before, ALL).map(({ isLive, startedAtMs }) => [isLive, startedAtMs])).toEqual([
    [true, 20],
    [true, 10],
    [false, 30],
    [false, 8],
    [false, 5],
    [false, 3],
  ]);
});
