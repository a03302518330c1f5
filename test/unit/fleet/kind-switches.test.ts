import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFinalAgentState, type AgentKind } from '../../../shared/model/states.ts';
import { scriptedTools, TEST_LIMITS } from '../../support/agent-context.ts';
import { reply, requested } from '../../support/scripted-provider.ts';
import { EARLIER, openTestFleets, planOf, sessions, type Ask } from '../../support/test-fleets.ts';

type TestFleets = ReturnType<typeof openTestFleets>;

const MODELS_OFF: ReadonlySet<AgentKind> = new Set(['model']);
const ALL_ON: ReadonlySet<AgentKind> = new Set();
const WHY = 'Model agents are switched off.';

const plan = (agents: number, concurrentAgents = agents) =>
  planOf(agents, { limits: { ...TEST_LIMITS, concurrentAgents } });

/** Lets the event loop come round until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  let tries = 0;
  while (!isSo()) {
    if (++tries > 5_000) throw new Error('It never became so.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets the event loop come round `count` times. */
async function rounds(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
}

/** What was said of an agent, oldest first: states, with the reason of a pause. */
const toldOf = (fleets: TestFleets, of: number) =>
  fleets.sink
    .of('agent.changed')
    .flatMap(({ agent, state, reason }) => (agent !== of ? [] : [state === 'paused' ? `paused: ${reason}` : state]));

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

test('agents at work wait before their next turn, those without a slot do not begin, and all go on when they are on again', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(plan(4, 2));
  await until(() => fleets.asked() === 2);
  fleets.switchOff(MODELS_OFF);
  fleets.letGo();
  await until(() => [0, 1, 2, 3].every((agent) => toldOf(fleets, agent).at(-1) === `paused: ${WHY}`));
  expect(fleets.asked()).toBe(2);
  expect(run.progress()).toMatchObject({ state: 'running', agentsRunning: 2, agentsDone: 0 });
  fleets.switchOff(ALL_ON);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 4, agentsFailed: 0 });
  expect(toldOf(fleets, 3).slice(0, 3)).toEqual([`paused: ${WHY}`, 'queued', 'asking']);
});

test('switching off another kind changes nothing', async () => {
  await using fleets = openTwoTurns();
  fleets.switchOff(new Set<AgentKind>(['command']));
  fleets.letGo();
  const run = await fleets.launch(plan(3));
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 3 });
  expect(fleets.sink.of('agent.changed').filter(({ state }) => state === 'paused')).toEqual([]);
});

test('a run that is launched meanwhile begins nothing, and says so of each agent once it is announced', async () => {
  await using fleets = openTwoTurns();
  fleets.letGo();
  fleets.switchOff(MODELS_OFF);
  const run = await fleets.launch(plan(1_200, 100));
  await until(() => fleets.sink.of('agent.changed').length === 1_200);
  expect(new Set(fleets.sink.of('agent.changed').map(({ reason }) => reason))).toEqual(new Set([WHY]));
  await rounds(20);
  expect([fleets.asked(), run.progress().agentsRunning]).toEqual([0, 0]);
  const firsts = fleets.sink.events.filter((event) => 'agent' in event && event.agent === 700).map(({ type }) => type);
  expect(firsts).toEqual(['agent.added', 'agent.changed']);
  fleets.switchOff(ALL_ON);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 1_200 });
});

test("an operator's own pause stays, of an agent at work and of one without a slot, and says what it waits for", async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(plan(3, 2));
  await until(() => fleets.asked() === 2);
  fleets.pauseAgent(run.runId, 0);
  fleets.pauseAgent(run.runId, 2);
  fleets.letGo();
  fleets.switchOff(MODELS_OFF);
  await until(() => toldOf(fleets, 1).at(-1) === `paused: ${WHY}`);
  const byOperator = 'paused: Paused by the operator.';
  expect([0, 2].map((agent) => toldOf(fleets, agent).at(-1))).toEqual([byOperator, byOperator]);
  fleets.switchOff(ALL_ON);
  await until(() => run.progress().agentsDone === 1);
  expect([0, 2].map((agent) => run.table.stateOf(agent))).toEqual(['paused', 'paused']);
  fleets.switchOff(MODELS_OFF);
  fleets.resumeAgent(run.runId, 0);
  fleets.resumeAgent(run.runId, 2);
  expect([0, 2].map((agent) => toldOf(fleets, agent).at(-1))).toEqual([`paused: ${WHY}`, `paused: ${WHY}`]);
  expect(fleets.asked()).toBe(3);
  fleets.switchOff(ALL_ON);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 3, agentsFailed: 0 });
});

test('a run that is paused stays so when its kind is switched on, and goes on when it is resumed', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(plan(2));
  await until(() => fleets.asked() === 2);
  fleets.switchOff(MODELS_OFF);
  fleets.letGo();
  await until(() => toldOf(fleets, 1).at(-1) === `paused: ${WHY}`);
  fleets.pause(run.runId, 'Paused for lunch.');
  fleets.switchOff(ALL_ON);
  expect(toldOf(fleets, 1).at(-1)).toBe('paused: Paused for lunch.');
  expect(fleets.asked()).toBe(2);
  fleets.resume(run.runId);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 2 });
});

test('agents that wait with their kind are stopped at once, one or all', async () => {
  await using fleets = openTwoTurns();
  const run = await fleets.launch(plan(500, 2));
  await until(() => fleets.asked() === 2);
  fleets.switchOff(MODELS_OFF);
  fleets.letGo();
  await fleets.stopAgent(run.runId, 3, 600_000);
  await fleets.stopAgent(run.runId, 0, 600_000);
  await fleets.stop(run.runId, 600_000);
  expect(run.progress()).toMatchObject({ state: 'stopped', agentsDone: 500 });
  // What the gate was told of them is forgotten: the same agents may run again.
  fleets.switchOff(ALL_ON);
  const resume = { runId: run.runId, sessions: sessions(), earlier: EARLIER };
  const again = await fleets.launch(plan(500), { resume });
  expect(await again.settled).toMatchObject({ state: 'done', agentsDone: 500, agentsFailed: 0 });
});

test('what is switched again while thousands are still told of the last switch reaches all of them', async () => {
  await using fleets = openTwoTurns();
  fleets.letGo();
  fleets.switchOff(MODELS_OFF);
  const run = await fleets.launch(plan(2_000, 10));
  await until(() => fleets.sink.of('agent.changed').length === 2_000);
  fleets.switchOff(ALL_ON);
  await until(() => toldOf(fleets, 400).at(-1) === 'queued');
  fleets.switchOff(MODELS_OFF);
  fleets.switchOff(ALL_ON);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 2_000, agentsFailed: 0 });
});

test('whatever is switched and paused in whatever order, every agent ends once everything is let go', async () => {
  const steps = fc.array(fc.constantFrom('off', 'on', 'pause 0', 'pause 5', 'resume 0', 'resume 5', 'turn', 'round'), {
    minLength: 1,
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(steps, async (chosen) => {
      await using fleets = openTwoTurns();
      fleets.letGo();
      const run = await fleets.launch(plan(8, 3));
      for (const step of chosen) {
        if (step === 'round') await new Promise((resolve) => setImmediate(resolve));
        else if (step === 'turn') await Promise.resolve();
        else if (step === 'off' || step === 'on') fleets.switchOff(step === 'off' ? MODELS_OFF : ALL_ON);
        else act(fleets, run.runId, step);
      }
      fleets.switchOff(ALL_ON);
      for (const agent of ['0', '5']) act(fleets, run.runId, `resume ${agent}`);
      expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 8, agentsFailed: 0 });
    }),
    { numRuns: 150 },
  );
});

/** Does `pause 3` or `resume 3`, unless that comes too late for the run. */
function act(fleets: TestFleets, runId: string, step: string): void {
  const [verb, agent] = step.split(' ');
  const state = fleets.find(runId)?.table.stateOf(Number(agent));
  if (state === undefined || isFinalAgentState(state)) return;
  if (verb === 'pause') fleets.pauseAgent(runId, Number(agent));
  else fleets.resumeAgent(runId, Number(agent));
}
