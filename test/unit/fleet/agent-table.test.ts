import { expect, test } from 'vitest';
import { AgentTable } from '../../../runtime/fleet/agent-table.ts';
import type { TurnFinished } from '../../../shared/events/runtime-event.ts';
import type { AgentPlan } from '../../../shared/fleet/fleet-schema.ts';
import type { AgentState } from '../../../shared/model/states.ts';
import { agentNames, agentRows } from '../../../shared/table/agent-tables.ts';
import { decodeTable } from '../../../shared/table/decode-table.ts';
import { modelAgent, scriptedTools, TEST_LIMITS } from '../../support/agent-context.ts';
import { reply, requested } from '../../support/scripted-provider.ts';
import { EARLIER, openTestFleets, planOf, session, sessions } from '../../support/test-fleets.ts';

const NOW_MS = 1_000;
const runId = 'R';

const tableOf = (agents: number): AgentTable => new AgentTable(planOf(agents).agents, NOW_MS);

function changed(
  table: AgentTable,
  agent: number,
  state: AgentState,
  more: { reason?: string; untilMs?: number } = {},
) {
  table.note({ type: 'agent.changed', runId, atMs: 2_000, agent, state, ...more });
}

const call = { runId, turn: 1, call: 1, providerCallId: 'c', atMs: 3_000, tool: 'read_file' } as const;
const result = { ...call, startedAtMs: 0, output: '', outputBytes: 0, waitMs: 0, ms: 1 } as const;

function finishTurn(table: AgentTable, more: Pick<TurnFinished, 'agent' | 'state' | 'usage' | 'costUsd'>): void {
  const subject = { runId, atMs: 3_000, turn: 1, attempt: 1, provider: 'p', model: 'm' };
  table.note({ type: 'turn.finished', ...subject, startedAtMs: 0, text: '', toolCalls: [], waitMs: 0, ms: 1, ...more });
}

function rowOf(table: AgentTable, agent: number) {
  const { rows, columns } = decodeTable(agentRows, table.encodeRows([agent]));
  expect(rows).toBe(1);
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, 'at' in column ? column.at(0) : column[0]]),
  );
}

test('an agent begins in the queue, says what it does, and ends with what it used', () => {
  const table = tableOf(2);
  expect(rowOf(table, 1)).toMatchObject({ agent: 1, state: 'queued', sinceMs: NOW_MS, startedAtMs: 0, endedAtMs: 0 });
  expect(rowOf(table, 1)).toMatchObject({ detail: 'waits for a slot' });
  changed(table, 1, 'asking');
  expect(rowOf(table, 1)).toMatchObject({ state: 'asking', sinceMs: 2_000, startedAtMs: 2_000, detail: 'turn 1' });
  finishTurn(table, { agent: 1, state: 'broken' });
  changed(table, 1, 'retrying', { reason: 'The provider answered 429.', untilMs: 9_000 });
  expect(rowOf(table, 1)).toMatchObject({ untilMs: 9_000, retries: 1, detail: 'The provider answered 429.', turns: 0 });
  changed(table, 1, 'asking');
  finishTurn(table, { agent: 1, state: 'done', usage: { inputTokens: 10, outputTokens: 5 }, costUsd: 0.5 });
  changed(table, 1, 'running tools');
  table.note({ type: 'toolCall.started', ...call, agent: 1, argumentsJson: '{"path":"src"}' });
  expect(rowOf(table, 1)).toMatchObject({ untilMs: 0, turns: 1, inputTokens: 10, outputTokens: 5, costUsd: 0.5 });
  expect(rowOf(table, 1)).toMatchObject({ detail: 'read_file {"path":"src"}', toolCalls: 0 });
  table.note({ type: 'toolCall.finished', ...result, agent: 1, argumentsJson: '{}', state: 'failed' });
  expect(rowOf(table, 1)).toMatchObject({ toolCalls: 1, toolCallsFailed: 1 });
  const stop = { kind: 'failed', code: 'PROVIDER_REFUSED', message: 'The model declined to answer.' } as const;
  table.note({ type: 'agent.changed', runId, atMs: 4_000, agent: 1, state: 'failed', stop, answer: '' });
  expect(rowOf(table, 1)).toMatchObject({ state: 'failed', endedAtMs: 4_000, detail: 'The model declined to answer.' });
  expect(rowOf(table, 0)).toMatchObject({ state: 'queued', turns: 0 });
});

test('a cost is unknown once the price of one turn is', () => {
  const table = tableOf(1);
  finishTurn(table, { agent: 0, state: 'done', costUsd: 0.5 });
  finishTurn(table, { agent: 0, state: 'done' });
  finishTurn(table, { agent: 0, state: 'done', costUsd: 0.5 });
  expect(rowOf(table, 0)).toMatchObject({ costUsd: NaN, turns: 3 });
});

test('one that is held back before its first turn has not left the queue', () => {
  const table = tableOf(1);
  changed(table, 0, 'paused', { reason: 'Paused by the operator.' });
  expect(rowOf(table, 0)).toMatchObject({ state: 'paused', startedAtMs: 0, detail: 'Paused by the operator.' });
  expect([table.atWork, table.queued]).toEqual([0, 0]);
  changed(table, 0, 'queued');
  expect(rowOf(table, 0)).toMatchObject({ state: 'queued', detail: 'waits for a slot' });
  expect([table.atWork, table.queued]).toEqual([0, 1]);
  changed(table, 0, 'asking');
  changed(table, 0, 'paused');
  expect([table.atWork, table.queued]).toEqual([1, 0]);
});

test('exactly the rows that changed after a version are told, within the agents that are looked at', () => {
  const table = tableOf(50);
  const random = (
    (seed) => () =>
      (seed = (seed * 48_271) % 2_147_483_647)
  )(7);
  expect(table.changedAfter(0)).toEqual([]);
  for (let round = 0; round < 50; round++) {
    const { version } = table;
    const touched = new Set(Array.from({ length: random() % 9 }, () => random() % 50));
    for (const agent of touched) changed(table, agent, round % 2 === 0 ? 'asking' : 'running tools');
    expect(table.changedAfter(version)).toEqual([...touched].toSorted((a, b) => a - b));
    const from = random() % 50;
    const expected = [...touched].filter((agent) => agent >= from && agent < 40).toSorted((a, b) => a - b);
    expect(table.changedAfter(version, from, 40)).toEqual(expected);
  }
  expect(table.changedAfter(table.version)).toEqual([]);
});

test('an event that says nothing of an agent changes nothing', () => {
  const table = tableOf(1);
  table.note({ type: 'run.changed', runId, atMs: 1, state: 'running' });
  table.note({ type: 'turn.started', runId, atMs: 1, agent: 0, turn: 1, attempt: 1, provider: 'p', model: 'm' });
  expect(table.version).toBe(0);
});

test('names come by piece, with the model or the program', () => {
  const command = { kind: 'command', index: 1, name: 'linter', command: ['/bin/lint', '-q'] } as unknown as AgentPlan;
  const table = new AgentTable([modelAgent({ index: 0, name: 'a' }), command, modelAgent({ index: 2, name: 'c' })], 0);
  const { rows, columns } = decodeTable(agentNames, table.encodeNames(1, 3));
  const of = (row: number) => [columns.agent[row], columns.kind.at(row), columns.name.at(row), columns.model.at(row)];
  expect(rows).toBe(2);
  expect(of(0)).toEqual([1, 'command', 'linter', '/bin/lint']);
  expect(of(1)).toEqual([2, 'model', 'c', 'test-1']);
});

test('a long detail is cut', () => {
  const table = tableOf(1);
  changed(table, 0, 'running tools');
  table.note({ type: 'toolCall.started', ...call, agent: 0, argumentsJson: 'x'.repeat(1_000_000) });
  const { detail } = rowOf(table, 0);
  expect(detail).toHaveLength(120);
  expect(detail).toMatch(/^read_file x+…$/);
  expect(table.activity(1)[0]?.detail).toHaveLength(200);
});

test('agents at work are listed in the order in which they began, up to the limit', () => {
  const table = tableOf(4);
  for (const agent of [2, 0, 3]) changed(table, agent, 'asking');
  changed(table, 2, 'running tools');
  changed(table, 0, 'done');
  expect(table.activity(8).map(({ agent }) => agent)).toEqual([2, 3]);
  expect(table.activity(1)).toEqual([{ agent: 2, name: 'surveyor-3', state: 'running tools', sinceMs: 2_000 }]);
});

test("each agent's row of a run ends in its final state with its own sums", async () => {
  const script = (asks: number) => (asks % 3 === 0 ? { text: 'end' } : { toolCalls: [requested('read_file', {})] });
  const asked = new Map<number, number>();
  const tools = scriptedTools({ read_file: () => 'x' });
  await using fleets = openTestFleets(async ({ messages }) => reply(script(messages.length === 5 ? 3 : 1)), tools);
  const run = await fleets.launch(planOf(20));
  run.watch({ agentFinished: ({ agent, turns, toolCalls }) => asked.set(agent, turns * 100 + toolCalls) });
  await run.settled;
  for (let agent = 0; agent < 20; agent++) {
    expect(asked.get(agent)).toBe(302);
    expect(rowOf(run.table, agent)).toMatchObject({ state: 'done', turns: 3, toolCalls: 2, costUsd: 0.75 });
    expect(rowOf(run.table, agent)).toMatchObject({
      inputTokens: 30,
      outputTokens: 15,
      toolCallsFailed: 0,
      detail: 'end',
    });
  }
  expect([run.table.atWork, run.table.queued]).toEqual([0, 0]);
});

test('a run that goes on begins with what is recorded of its agents', async () => {
  const recorded = sessions(
    session(0, {
      state: 'done',
      turns: 4,
      toolCalls: 9,
      inputTokens: 100,
      costUsd: undefined,
      elapsedMs: 5_000,
      sinceMs: 77,
    }),
    session(1, { state: 'interrupted', elapsedMs: 7_000 }),
  );
  await using fleets = openTestFleets(async () => reply({ text: 'x' }));
  const run = await fleets.launch(planOf(2, { limits: TEST_LIMITS }), {
    resume: { runId, sessions: recorded, earlier: EARLIER },
  });
  expect(rowOf(run.table, 0)).toMatchObject({ state: 'done', turns: 4, toolCalls: 9, costUsd: NaN, busyMs: 5_000 });
  expect(rowOf(run.table, 0)).toMatchObject({ sinceMs: 77, endedAtMs: 77 });
  expect(rowOf(run.table, 1)).toMatchObject({ state: 'queued', busyMs: 7_000, costUsd: 0 });
  await run.settled;
  expect(rowOf(run.table, 1)).toMatchObject({ state: 'done', turns: 1, busyMs: 7_000 });
});

test('agents that ended before a resume say what they answered or why they ended while the run goes on', () => {
  const table = tableOf(4);
  table.restore(session(0, { state: 'done', stop: { kind: 'answered' }, answer: '  14 lines\nin all' }), false);
  table.restore(
    session(1, { state: 'limit reached', stop: { kind: 'limit', limit: 'turns', at: 8 }, answer: 'x' }),
    false,
  );
  table.restore(session(2, { state: 'done', answer: 'recorded without a reason' }), false);
  table.restore(session(3, { state: 'interrupted', answer: 'half' }), true);
  expect([0, 1, 2, 3].map((agent) => rowOf(table, agent)['detail'])).toEqual([
    '14 lines in all',
    'turns: 8',
    'recorded without a reason',
    'waits for a slot',
  ]);
});

test('what an operator wants of an agent is told until it is so', () => {
  const table = tableOf(2);
  const wishes = () => [0, 1].map((agent) => rowOf(table, agent)['wish']);
  for (const agent of [0, 1]) changed(table, agent, 'asking');
  table.noteWish(0, 'pausing');
  table.noteWish(1, 'stopping');
  changed(table, 0, 'running tools');
  expect(wishes()).toEqual(['pausing', 'stopping']);
  // Held up by the pause of its run: it is still to end.
  for (const agent of [0, 1]) changed(table, agent, 'paused');
  expect(wishes()).toEqual(['none', 'stopping']);
  table.noteWish(0, 'pausing');
  for (const agent of [0, 1]) changed(table, agent, 'done');
  expect(wishes()).toEqual(['none', 'none']);
});
