import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuntimeEvent, ToolCallFinished, TurnFinished } from '../../shared/events/runtime-event.ts';

export const RUN = '01K00000000000000000000001';
const AT = 1_790_000_000_000;

/** A directory that is gone when the test is over. */
export function temporaryDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'history-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function launched(agents = 2, runId = RUN): RuntimeEvent[] {
  const run: RuntimeEvent[] = [
    {
      type: 'run.launched',
      runId,
      atMs: AT,
      fleet: 'survey',
      fleetPath: 'fleet.yaml',
      fleetText: 'flotilla: 1',
      overrides: { 'limits.turns': 5 },
      workspace: '.',
      agents,
      settingsVersion: 3,
    },
    { type: 'run.changed', runId, atMs: AT, state: 'running' },
  ];
  for (let agent = 0; agent < agents; agent++)
    run.push({
      type: 'agent.added',
      runId,
      atMs: AT,
      agent,
      name: `agent-${agent}`,
      kind: 'model',
      system: 'Be exact.',
      prompt: `Survey ${agent}`,
    });
  return run;
}

export function call(agent: number, n: number, part: Partial<ToolCallFinished> = {}): ToolCallFinished {
  return {
    type: 'toolCall.finished',
    runId: RUN,
    atMs: AT + n,
    agent,
    turn: 1,
    call: n,
    providerCallId: `call_${n}`,
    tool: 'read_file',
    argumentsJson: `{"path":"file-${n}.ts"}`,
    state: 'done',
    startedAtMs: AT + n,
    output: `contents of file ${n}`,
    outputBytes: 20,
    waitMs: 0.5,
    ms: 2,
    ...part,
  };
}

export function callStart(agent: number, n: number, part: Partial<ToolCallFinished> = {}): RuntimeEvent {
  const { runId, atMs, turn, providerCallId, tool, argumentsJson } = call(agent, n, part);
  return { type: 'toolCall.started', runId, atMs, agent, turn, call: n, providerCallId, tool, argumentsJson };
}

export function turn(agent: number, n: number, part: Partial<TurnFinished> = {}): TurnFinished {
  return {
    type: 'turn.finished',
    runId: RUN,
    atMs: AT + n,
    agent,
    turn: n,
    attempt: 1,
    provider: 'sim',
    model: 'sim/default',
    state: 'done',
    startedAtMs: AT + n,
    text: '',
    toolCalls: [],
    usage: { inputTokens: 10, outputTokens: 5 },
    costUsd: 0.01,
    waitMs: 1,
    ms: 3,
    ...part,
  };
}

export function requested(...numbers: number[]): TurnFinished['toolCalls'] {
  return numbers.map((n) => ({
    providerCallId: `call_${n}`,
    tool: 'read_file',
    argumentsJson: `{"path":"file-${n}.ts"}`,
  }));
}

export function ended(agents: number, runId = RUN): RuntimeEvent[] {
  const events: RuntimeEvent[] = [];
  for (let agent = 0; agent < agents; agent++)
    events.push({
      type: 'agent.changed',
      runId,
      atMs: AT + 99,
      agent,
      state: 'done',
      stop: { kind: 'answered' },
      answer: 'Done.',
    });
  return [...events, { type: 'run.changed', runId, atMs: AT + 100, state: 'done' }];
}
