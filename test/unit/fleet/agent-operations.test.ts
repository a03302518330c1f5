import { expect, onTestFinished, test } from 'vitest';
import { openGate } from '../../../runtime/admission/gate.ts';
import { AgentTable } from '../../../runtime/fleet/agent-table.ts';
import { AgentOperations } from '../../../runtime/fleet/live/agent-operations.ts';
import { AgentsAtGate } from '../../../runtime/fleet/live/agents-at-gate.ts';
import { createRunHold } from '../../../runtime/fleet/live/run-hold.ts';
import type { RunStart } from '../../../runtime/fleet/live/run-start.ts';
import { WorkingAgents } from '../../../runtime/fleet/live/working-agents.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { agentRows } from '../../../shared/table/agent-tables.ts';
import { decodeTable } from '../../../shared/table/decode-table.ts';
import type { AgentPlan } from '../../../shared/fleet/fleet-schema.ts';
import { agentContext, scriptedTools, TEST_LIMITS } from '../../support/agent-context.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { recordingSink } from '../../support/recording-sink.ts';
import { reply, requested, scriptedProvider } from '../../support/scripted-provider.ts';
import { neverAnswers, openTestFleets, planOf, type Ask } from '../../support/test-fleets.ts';

type TestFleets = ReturnType<typeof openTestFleets>;

const one = (agents: number) => planOf(agents, { limits: { ...TEST_LIMITS, concurrentAgents: 1 } });
const all = (agents: number) => planOf(agents, { limits: { ...TEST_LIMITS, concurrentAgents: agents } });

/** Lets the event loop come round until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  let tries = 0;
  while (!isSo()) {
    if (++tries > 5_000) throw new Error('It never became so.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const statesOf = (fleets: TestFleets, of: number) =>
  fleets.sink.of('agent.changed').flatMap(({ agent, state }) => (agent === of ? [state] : []));

/** Each agent calls one tool, waiting until it is let go, and then answers. */
function openTwoTurns(): TestFleets & { letGo(): void; asked(): number } {
  const go = Promise.withResolvers<void>();
  let asked = 0;
  const ask: Ask = async ({ messages }) => {
    asked += 1;
    return messages.length > 1 ? reply({ text: 'end' }) : reply({ toolCalls: [requested('read_file', {})] });
  };
  const tools = scriptedTools({ read_file: () => go.promise.then(() => 'x') });
  return { ...openTestFleets(ask, tools), letGo: go.resolve, asked: () => asked };
}

test('one of three is held up before its next turn; the others end, and it ends when it is let go', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(all(3));
  await until(() => fleets.asked() === 3);
  fleets.pauseAgent(run.runId, 1);
  fleets.letGo();
  await until(() => run.progress().agentsDone === 2 && statesOf(fleets, 1).at(-1) === 'paused');
  expect(fleets.asked()).toBe(5);
  expect(run.table.activity(1)[0]).toMatchObject({ agent: 1, detail: 'Paused by the operator.' });
  expect(run.progress()).toMatchObject({ state: 'running', agentsRunning: 1 });
  fleets.resumeAgent(run.runId, 1);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 3, agentsFailed: 0 });
});

test('letting the run go on does not let go an agent that was held up by itself, and says why it still waits', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(all(2));
  await until(() => fleets.asked() === 2);
  fleets.pause(run.runId, 'Paused for lunch.');
  fleets.pauseAgent(run.runId, 0);
  fleets.letGo();
  await until(() => statesOf(fleets, 0).at(-1) === 'paused' && statesOf(fleets, 1).at(-1) === 'paused');
  expect(run.table.activity(1)[0]).toMatchObject({ agent: 0, detail: 'Paused for lunch.' });
  fleets.resume(run.runId);
  await until(() => run.progress().agentsDone === 1);
  expect(run.table.activity(1)[0]).toMatchObject({ agent: 0, detail: 'Paused by the operator.' });
  expect(run.progress().state).toBe('running');
  fleets.resumeAgent(run.runId, 0);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 2 });
});

test('an agent that is let go while its run is paused waits for the run', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(all(1));
  await until(() => fleets.asked() === 1);
  fleets.pauseAgent(run.runId, 0);
  fleets.letGo();
  await until(() => statesOf(fleets, 0).at(-1) === 'paused');
  fleets.pause(run.runId, 'Paused for lunch.');
  fleets.resumeAgent(run.runId, 0);
  expect(run.table.activity(1)[0]).toMatchObject({ state: 'paused', detail: 'Paused for lunch.' });
  expect(fleets.asked()).toBe(1);
  fleets.resume(run.runId);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 1 });
});

test('one that waits for its slot is held back there: others pass it, and it starts when it is let go', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(one(3));
  await until(() => fleets.asked() === 1);
  fleets.pauseAgent(run.runId, 1);
  fleets.pauseAgent(run.runId, 1);
  expect(statesOf(fleets, 1)).toEqual(['paused']);
  fleets.letGo();
  await until(() => run.progress().agentsDone === 2);
  expect(run.progress()).toMatchObject({ state: 'running', agentsRunning: 0 });
  expect(run.table.stateOf(1)).toBe('paused');
  fleets.resumeAgent(run.runId, 1);
  fleets.resumeAgent(run.runId, 1);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 3 });
  expect(statesOf(fleets, 1).slice(0, 3)).toEqual(['paused', 'queued', 'asking']);
});

test('one that is held back before history knows it is said to be so after it was announced', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(all(2));
  fleets.letGo();
  fleets.pauseAgent(run.runId, 0);
  await until(() => run.progress().agentsDone === 1);
  const told = fleets.sink.events.filter((event) => 'agent' in event && event.agent === 0).map(({ type }) => type);
  expect(told).toEqual(['agent.added', 'agent.changed']);
  fleets.resumeAgent(run.runId, 0);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 2 });
});

test('stopping one agent while its tool runs cancels that call alone, and the run can end done', async () => {
  const started = new Set<string>();
  const signals = new Map<string, AbortSignal>();
  const go = Promise.withResolvers<string>();
  const tools = scriptedTools({
    read_file: ({ owner, signal }) => {
      started.add(owner);
      signals.set(owner, signal);
      const aborted = Promise.withResolvers<string>();
      signal.addEventListener('abort', () => aborted.reject(signal.reason as Error));
      return Promise.race([go.promise, aborted.promise]);
    },
  });
  const ask: Ask = async ({ messages }) =>
    messages.length > 1 ? reply({ text: 'end' }) : reply({ toolCalls: [requested('read_file', {})] });
  await using fleets = openTestFleets(ask, tools);
  const run = await fleets.launch(all(3));
  await until(() => started.size === 3);
  const stopping = fleets.stopAgent(run.runId, 1, 0);
  await stopping;
  const stop = { kind: 'stopped', by: 'operator' };
  expect(fleets.sink.of('agent.changed').at(-1)).toMatchObject({ agent: 1, state: 'stopped', stop });
  expect([...signals].map(([, { aborted }]) => aborted)).toEqual([false, true, false]);
  expect(run.progress()).toMatchObject({ state: 'running', agentsDone: 1 });
  go.resolve('x');
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 3, agentsFailed: 0 });
  expect([0, 1, 2].map((agent) => run.table.stateOf(agent))).toEqual(['done', 'stopped', 'done']);
});

test('an agent that is asked to stop gets its time: what it does ends by itself, and no turn follows', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(all(2));
  await until(() => fleets.asked() === 2);
  const stopping = fleets.stopAgent(run.runId, 0, 600_000);
  fleets.letGo();
  await stopping;
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 2, toolCallsFailed: 0 });
  expect(fleets.asked()).toBe(3);
  expect(run.table.stateOf(0)).toBe('stopped');
});

test('agents that wait for their slots, held back or not, and those held up on their way are stopped at once', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(one(4));
  await until(() => fleets.asked() === 1);
  fleets.pauseAgent(run.runId, 1);
  await fleets.stopAgent(run.runId, 1, 600_000);
  await fleets.stopAgent(run.runId, 2, 600_000);
  fleets.pauseAgent(run.runId, 0);
  fleets.letGo();
  await until(() => statesOf(fleets, 0).at(-1) === 'paused');
  await fleets.stopAgent(run.runId, 0, 600_000);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 4 });
  expect([0, 1, 2, 3].map((agent) => run.table.stateOf(agent))).toEqual(['stopped', 'stopped', 'stopped', 'done']);
  expect(fleets.sink.of('turn.started').some(({ agent }) => agent === 1 || agent === 2)).toBe(false);
});

test('one that is stopped before it was submitted never starts', async () => {
  await using fleets = openTwoTurns();
  fleets.letGo();
  const run = await fleets.launch(all(3));
  const stopping = fleets.stopAgent(run.runId, 2, 600_000);
  await Promise.all([stopping, run.settled]);
  expect(fleets.sink.of('turn.started').map(({ agent }) => agent)).not.toContain(2);
  expect(run.progress()).toMatchObject({ state: 'done', agentsDone: 3 });
});

test('stopping the run ends those that are held back by themselves, too', async () => {
  await using fleets = openTestFleets(neverAnswers);
  const run = await fleets.launch(one(3));
  await until(() => fleets.sink.of('turn.started').length === 1);
  fleets.pauseAgent(run.runId, 0);
  fleets.pauseAgent(run.runId, 1);
  await fleets.stop(run.runId, 1);
  expect(run.progress()).toMatchObject({ state: 'stopped', agentsDone: 3 });
});

test('an agent that does not answer even to the force is given up alone', async () => {
  const clock = manualClock();
  let asked = 0;
  const deaf: Ask = () => {
    asked += 1;
    return new Promise(() => {});
  };
  const fleets = openTestFleets(deaf, scriptedTools({}), clock);
  onTestFinished(async () => {
    const closing = fleets[Symbol.asyncDispose]();
    await clock.advance(60_000);
    await closing;
  });
  const run = await fleets.launch(all(2));
  await clock.advance(1);
  await until(() => asked === 2);
  const stopping = fleets.stopAgent(run.runId, 0, 100);
  await clock.advance(10_099);
  expect(run.progress().agentsDone).toBe(0);
  await clock.advance(1);
  await stopping;
  expect(run.progress()).toMatchObject({ state: 'running', agentsDone: 1 });
  expect(fleets.sink.of('notice')).toMatchObject([{ level: 'error', agent: 0 }]);
});

test('a run that its budget holds up is settled though one agent is held up by itself', async () => {
  const ask: Ask = async () => reply({ toolCalls: [requested('read_file', {})] });
  await using fleets = openTestFleets(ask, scriptedTools({ read_file: () => 'x' }));
  const run = await fleets.launch(planOf(4, { budget: { tokens: 100 } }));
  fleets.pauseAgent(run.runId, 0);
  expect(await run.settled).toMatchObject({ state: 'paused', reason: 'The budget of 100 tokens is used up.' });
});

test('an agent that is not there or has ended cannot be acted on', async () => {
  await using fleets = openTestFleets(neverAnswers);
  const run = await fleets.launch(all(2));
  await until(() => fleets.sink.of('turn.started').length === 2);
  await fleets.stopAgent(run.runId, 0, 0);
  for (const agent of [0, 2, -1]) {
    expect(() => fleets.pauseAgent(run.runId, agent)).toThrow(expect.objectContaining({ code: 'AGENT_NOT_LIVE' }));
    expect(() => fleets.resumeAgent(run.runId, agent)).toThrow(expect.objectContaining({ code: 'AGENT_NOT_LIVE' }));
    await expect(fleets.stopAgent(run.runId, agent, 0)).rejects.toMatchObject({ code: 'AGENT_NOT_LIVE' });
  }
  expect(() => fleets.pauseAgent('other', 0)).toThrow(expect.objectContaining({ code: 'RUN_NOT_LIVE' }));
  await expect(fleets.stopAgent('other', 0, 0)).rejects.toMatchObject({ code: 'RUN_NOT_LIVE' });
});

test('a program that runs cannot be held up; one that has its slot and has not begun can', async () => {
  await using real = agentContext({ provider: scriptedProvider([]) });
  await using gate = openGate({ lanes: {}, clock: systemClock });
  const plan = { kind: 'command', index: 0, name: 'linter', command: ['lint'] } as unknown as AgentPlan;
  const table = new AgentTable([plan], 0);
  const hold = createRunHold({ onWaiting: () => {}, kindOf: () => 'command' });
  const working = new WorkingAgents();
  const start = { runId: 'R', context: { ...real.context, gate } } as unknown as RunStart;
  const shared = { start, sink: recordingSink(), hold, working, open: new Map([[0, plan]]) };
  const atGate = new AgentsAtGate(shared);
  const operations = new AgentOperations({ ...shared, atGate, table, giveUp: () => {} });
  working.add(0);
  operations.pause(0);
  expect(hold.isAgentPaused(0)).toBe(true);
  operations.resume(0);
  table.note({ type: 'agent.changed', runId: 'R', atMs: 1, agent: 0, state: 'running tools', reason: 'lint' });
  expect(() => operations.pause(0)).toThrow(expect.objectContaining({ code: 'AGENT_NOT_PAUSABLE' }));
  expect(hold.isAgentPaused(0)).toBe(false);
});

test('an agent at work that is to pause or stop is told to be on its way there until it is there; one let go again is not', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(all(3));
  const wishes = () => {
    const { columns } = decodeTable(agentRows, run.table.encodeRows([0, 1, 2]));
    return [0, 1, 2].map((row) => columns.wish.at(row));
  };
  await until(() => fleets.asked() === 3);
  fleets.pauseAgent(run.runId, 0);
  fleets.pauseAgent(run.runId, 1);
  const stopped = fleets.stopAgent(run.runId, 2, 60_000);
  expect(wishes()).toEqual(['pausing', 'pausing', 'stopping']);
  fleets.resumeAgent(run.runId, 1);
  expect(wishes()).toEqual(['pausing', 'none', 'stopping']);
  fleets.letGo();
  await stopped;
  await until(() => statesOf(fleets, 0).at(-1) === 'paused' && run.progress().agentsDone === 2);
  expect(wishes()).toEqual(['none', 'none', 'none']);
  fleets.resumeAgent(run.runId, 0);
  await run.settled;
});
