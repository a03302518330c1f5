import { expect, test } from 'vitest';
import { AgentLog } from '../../../../renderer/views/runs/agent/log-model.ts';
import { toTimeParts } from '../../../../renderer/views/runs/agent/times-model.ts';
import { toTurnWords } from '../../../../renderer/views/runs/agent/turn-words.ts';
import { AgentsStore } from '../../../../renderer/views/runs/agents/agents-store.ts';
import { AgentTable } from '../../../../runtime/fleet/agent-table.ts';
import type { AgentState } from '../../../../shared/model/states.ts';
import type { AgentPlan } from '../../../../shared/fleet/fleet-schema.ts';
import { modelAgent } from '../../../support/agent-context.ts';

const output = (text: string) =>
  ({ kind: 'output', key: 'output', atMs: 1, text: { text, chars: text.length } }) as const;

test('what a program prints is one entry that grows, and gives way to the answer when the program has ended', () => {
  const log = new AgentLog();
  log.take({ kind: 'baseline' });
  log.take(output('one'));
  log.take({ kind: 'notice', key: 'n', atMs: 2, level: 'info', text: 'beside' });
  log.take(output('one two'));
  expect(log.entries.map(({ kind }) => kind)).toEqual(['output', 'notice']);
  expect(log.entries[0]).toMatchObject({ text: { text: 'one two' } });
  log.take({ kind: 'state', key: 'state:paused@3', atMs: 3, state: 'paused' });
  expect(log.entries).toHaveLength(3);
  log.take({ kind: 'answer', key: 'answer@4', atMs: 4, text: { text: 'one two three', chars: 13 } });
  log.take({ kind: 'state', key: 'state:done@4', atMs: 4, state: 'done' });
  expect(log.entries.map(({ kind }) => kind)).toEqual(['notice', 'state', 'answer', 'state']);
  log.take({ kind: 'notice', key: 'n', atMs: 2, level: 'info', text: 'again' });
  expect(log.entries[0]).toMatchObject({ text: 'again' });
});

test('the time of a program is its running, not the rest of a life nobody measured', () => {
  const parts = toTimeParts({
    queuedMs: 0,
    lifeMs: 100,
    runningMs: 80,
    askingMs: 0,
    tools: [],
    waiting: [{ reason: 'paused', ms: 20 }],
  });
  expect(parts.map(({ name, percent }) => [name, percent])).toEqual([
    ['running', 80],
    ['waiting', 20],
    ['the rest', 0],
  ]);
});

test('the panel is in the turn that the row is in', () => {
  expect(toTurnWords({ state: 'asking', turns: 1, of: 7 })).toBe('turn 2 of 7');
  expect(toTurnWords({ state: 'retrying', turns: 1, of: 7 })).toBe('turn 2 of 7');
  expect(toTurnWords({ state: 'running tools', turns: 2, of: 7 })).toBe('turn 2 of 7');
  expect(toTurnWords({ state: 'done', turns: 3, of: undefined })).toBe('turn 3');
  expect(toTurnWords({ state: 'queued', turns: 0, of: 7 })).toBe('');
});

test('Pause is offered for what can be held up: not for a program that runs, nor for an agent that is stopping or has ended', () => {
  const program = { kind: 'command', index: 1, name: 'linter', command: ['/bin/lint'] } as unknown as AgentPlan;
  const table = new AgentTable([modelAgent({ index: 0 }), program, modelAgent({ index: 2 })], 0);
  const change = (agent: number, state: AgentState): void =>
    table.note({ type: 'agent.changed', runId: 'R', atMs: 1, agent, state });
  const canPause = (): readonly boolean[] => {
    const store = new AgentsStore();
    store.take(table.encodeNames());
    store.take(table.encodeRows([0, 1, 2]));
    return [0, 1, 2].map((agent) => store.canPause(agent));
  };
  expect(canPause()).toEqual([true, true, true]);
  for (const agent of [0, 1]) change(agent, 'running tools');
  change(2, 'asking');
  table.noteWish(2, 'stopping');
  expect(canPause()).toEqual([true, false, false]);
  change(0, 'done');
  expect(canPause()).toEqual([false, false, false]);
});
