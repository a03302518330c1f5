import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { FinishedAgent, RunProgress } from '../../../shared/model/run-summary.ts';
import { scriptedTools, TEST_LIMITS } from '../../support/agent-context.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { reply, requested } from '../../support/scripted-provider.ts';
import {
  EARLIER,
  neverAnswers,
  openTestFleets,
  planOf,
  session,
  sessions,
  type Ask,
} from '../../support/test-fleets.ts';

test('a run ends done with each agent finished once, and says all of it in events', async () => {
  await using fleets = openTestFleets(async () => reply({ text: 'yes' }));
  const run = await fleets.launch(planOf(25));
  const finished: FinishedAgent[] = [];
  run.watch({ agentFinished: (agent) => finished.push(agent) });
  expect(await run.settled).toMatchObject({
    state: 'done',
    agents: 25,
    agentsDone: 25,
    agentsFailed: 0,
    turns: 25,
    costUsd: 6.25,
  });
  expect(new Set(finished.map(({ agent }) => agent)).size).toBe(25);
  expect(finished[0]).toMatchObject({
    state: 'done',
    answer: 'yes',
    turns: 1,
    inputTokens: 10,
    outputTokens: 5,
    costUsd: 0.25,
  });
  expect(fleets.sink.events[0]).toMatchObject({ type: 'run.launched', agents: 25, settingsVersion: 7 });
  expect(fleets.sink.of('agent.added')).toHaveLength(25);
  expect(fleets.sink.of('run.changed').map(({ state }) => state)).toEqual(['running', 'done']);
  expect(fleets.list()).toEqual([]);
});

test('never more agents of a run work than its fleet allows', async () => {
  let running = 0;
  let most = 0;
  await using fleets = openTestFleets(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return reply({ text: 'x' });
  });
  const run = await fleets.launch(planOf(40, { limits: { ...TEST_LIMITS, concurrentAgents: 3 } }));
  await run.settled;
  expect(most).toBe(3);
});

test('a run whose agents failed is done, with their count', async () => {
  await using fleets = openTestFleets(async () => {
    throw new Error('a defect in a provider');
  });
  const run = await fleets.launch(planOf(3));
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 3, agentsFailed: 3 });
});

test('stopping ends every agent, those that wait and those in flight', async () => {
  await using fleets = openTestFleets(neverAnswers);
  const run = await fleets.launch(planOf(10));
  const asking = Promise.withResolvers<void>();
  const poll = setInterval(() => fleets.sink.of('turn.started').length === 4 && asking.resolve(), 1);
  onTestFinished(() => clearInterval(poll));
  await asking.promise;
  await fleets.stop(run.runId, 5);
  expect(await run.settled).toMatchObject({ state: 'stopped', agentsDone: 10 });
  const last = new Map(fleets.sink.of('agent.changed').map(({ agent, state }) => [agent, state]));
  expect([...last.values()]).toEqual(Array.from({ length: 10 }, () => 'stopped'));
  expect(fleets.sink.of('run.changed').map(({ state }) => state)).toEqual(['running', 'stopping', 'stopped']);
});

test('a used-up budget pauses the run, and closing leaves it paused for a later resume', async () => {
  const fleets = openTestFleets(
    async () => reply({ toolCalls: [requested('read_file', {})] }),
    scriptedTools({ read_file: () => 'x' }),
  );
  const run = await fleets.launch(planOf(4, { budget: { usd: 2 } }));
  expect(await run.settled).toMatchObject({ state: 'paused', reason: 'The budget of $2 is used up.', agentsDone: 0 });
  expect(run.progress().costUsd).toBeGreaterThanOrEqual(2);
  const recorded = fleets.sink.events.length;
  await fleets[Symbol.asyncDispose]();
  expect(fleets.sink.events).toHaveLength(recorded);
  expect(fleets.sink.of('agent.changed').at(-1)).toMatchObject({ state: 'paused' });
});

test('a run that its budget paused goes on with a larger one', async () => {
  const replies = [reply({ toolCalls: [requested('read_file', {})] }), reply({ text: 'Done after all.' })];
  await using fleets = openTestFleets(async () => replies.shift()!, scriptedTools({ read_file: () => 'x' }));
  const run = await fleets.launch(planOf(1, { budget: { tokens: 10 } }));
  expect(await run.settled).toMatchObject({ state: 'paused', reason: 'The budget of 10 tokens is used up.' });
  const ended = Promise.withResolvers<RunProgress>();
  run.watch({ changed: (progress) => progress.state === 'done' && ended.resolve(progress) });
  fleets.resume(run.runId, { tokens: 1_000 });
  expect(await ended.promise).toMatchObject({ agentsDone: 1, inputTokens: 20, outputTokens: 10 });
});

test('a run that is resumed with a budget already used up pauses again', async () => {
  const script = async () => reply({ toolCalls: [requested('read_file', {})] });
  await using fleets = openTestFleets(script, scriptedTools({ read_file: () => 'x' }));
  const run = await fleets.launch(planOf(1, { budget: { tokens: 10 } }));
  await run.settled;
  fleets.resume(run.runId);
  expect(run.progress().state).toBe('paused');
});

test('an agent that does not answer even to the force is given up, so that a stop always ends', async () => {
  const clock = manualClock();
  const asked = Promise.withResolvers<void>();
  const deaf: Ask = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  const fleets = openTestFleets(deaf, scriptedTools({}), clock);
  const launching = fleets.launch(planOf(1));
  const run = await launching;
  await clock.advance(1);
  await asked.promise;
  const stopping = fleets.stop(run.runId, 100);
  await clock.advance(100);
  expect(run.progress().state).toBe('stopping');
  await clock.advance(10_000);
  await stopping;
  expect(await run.settled).toMatchObject({ state: 'stopped', agentsDone: 1 });
  expect(fleets.sink.of('notice')).toMatchObject([{ level: 'error', agent: 0 }]);
});

test('a paused run starts no turn until it is resumed', async () => {
  let asked = 0;
  const first = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await using fleets = openTestFleets(
    async () => {
      asked += 1;
      first.resolve();
      await go.promise;
      return asked === 1 ? reply({ toolCalls: [requested('read_file', {})] }) : reply({ text: 'end' });
    },
    scriptedTools({ read_file: () => 'x' }),
  );
  const run = await fleets.launch(planOf(1));
  await first.promise;
  fleets.pause(run.runId);
  const held = Promise.withResolvers<void>();
  const poll = setInterval(() => fleets.sink.of('agent.changed').at(-1)?.state === 'paused' && held.resolve(), 1);
  onTestFinished(() => clearInterval(poll));
  go.resolve();
  await held.promise;
  expect(asked).toBe(1);
  fleets.resume(run.runId);
  expect(await run.settled).toMatchObject({ state: 'done', turns: 2 });
});

test('a resumed run runs only what was cut short and keeps what was counted', async () => {
  let asked = 0;
  await using fleets = openTestFleets(async () => {
    asked += 1;
    return reply({ text: 'again' });
  });
  const recorded = sessions(session(0, { state: 'done', turns: 3, inputTokens: 100 }), session(1, { turns: 1 }));
  const run = await fleets.launch(planOf(3), {
    resume: { runId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', sessions: recorded, earlier: EARLIER },
  });
  expect(await run.settled).toMatchObject({
    runId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    state: 'done',
    agentsDone: 3,
    turns: 6,
    inputTokens: 120,
  });
  expect(asked).toBe(2);
  expect(fleets.sink.of('run.launched')).toEqual([]);
  expect(fleets.sink.of('agent.added').map(({ agent }) => agent)).toEqual([2]);
});

test('only the failed ones begin anew when that is asked for, and a run with nothing left says so', async () => {
  await using fleets = openTestFleets(async ({ messages }) => reply({ text: `asked with ${messages.length}` }));
  const recorded = [
    session(0, { state: 'done' }),
    session(1, { state: 'failed', turns: 2, messages: [{ role: 'user', text: 'old' }] }),
  ];
  const run = await fleets.launch(planOf(2), {
    only: new Set([1]),
    resume: { runId: 'R', sessions: sessions(...recorded), earlier: EARLIER },
  });
  const finished: FinishedAgent[] = [];
  run.watch({ agentFinished: (agent) => finished.push(agent) });
  await run.settled;
  expect(finished).toMatchObject([{ agent: 1, state: 'done', answer: 'asked with 1' }]);
  expect(fleets.sink.of('turn.started')[0]).toMatchObject({ turn: 3 });
  const nothing = fleets.launch(planOf(1), {
    resume: { runId: 'R', sessions: sessions(session(0, { state: 'done' })), earlier: EARLIER },
  });
  await expect(nothing).rejects.toMatchObject({ code: 'RUN_NOT_RESUMABLE' });
});

test('each finished agent is one line of the results file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'results-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await using fleets = openTestFleets(async () => reply({ text: 'a "quoted"\nanswer' }));
  const run = await fleets.launch(planOf(3, { resultsPath: join(directory, 'results.jsonl') }));
  await run.settled;
  const lines = (await readFile(join(directory, 'results.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  expect(new Set(lines.map(({ agent }) => agent))).toEqual(new Set(['surveyor-1', 'surveyor-2', 'surveyor-3']));
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatchObject({ state: 'done', answer: 'a "quoted"\nanswer', tokens: 15, costUsd: 0.25 });
});

test('acting on a run that is not live is refused', async () => {
  await using fleets = openTestFleets(neverAnswers);
  expect(() => fleets.pause('nope')).toThrow(expect.objectContaining({ code: 'RUN_NOT_LIVE' }));
  await expect(Promise.resolve().then(() => fleets.stop('nope', 1))).rejects.toMatchObject({ code: 'RUN_NOT_LIVE' });
});
