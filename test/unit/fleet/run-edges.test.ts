import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunProgress } from '../../../shared/model/run-summary.ts';
import { scriptedTools, TEST_LIMITS } from '../../support/agent-context.ts';
import { reply, requested } from '../../support/scripted-provider.ts';
import { EARLIER, neverAnswers, openTestFleets, planOf, session, sessions } from '../../support/test-fleets.ts';

const readOnce = scriptedTools({ read_file: () => 'x' });

test('a run that is live is not launched a second time under its id', async () => {
  await using fleets = openTestFleets(neverAnswers);
  const resume = () => ({ resume: { runId: 'R', sessions: sessions(session(0, {})), earlier: EARLIER } });
  const launches = await Promise.allSettled([fleets.launch(planOf(1), resume()), fleets.launch(planOf(1), resume())]);
  expect(launches.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  await expect(fleets.launch(planOf(1), resume())).rejects.toMatchObject({ code: 'RUN_NOT_RESUMABLE' });
  expect(fleets.list()).toHaveLength(1);
  await fleets.stop('R', 1);
  const again = await fleets.launch(planOf(1), resume());
  expect(again.runId).toBe('R');
});

test('a launch that is under way when the fleets close starts nothing', async () => {
  const tools = Promise.withResolvers<void>();
  let closed = 0;
  const fleets = openTestFleets(async () => reply({ text: 'x' }), {
    ...scriptedTools({}),
    opening: tools.promise,
    [Symbol.asyncDispose]: async () => void (closed += 1),
  });
  const launching = fleets.launch(planOf(1));
  const closing = fleets[Symbol.asyncDispose]();
  tools.resolve();
  await expect(launching).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  await closing;
  expect(closed).toBe(1);
  expect(fleets.sink.events).toEqual([]);
  await expect(fleets.launch(planOf(1))).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
});

test('a run whose last turn uses the budget up is done, not paused', async () => {
  await using fleets = openTestFleets(async () => reply({ text: 'done' }));
  const run = await fleets.launch(planOf(2, { budget: { usd: 0.5 }, limits: { ...TEST_LIMITS, concurrentAgents: 2 } }));
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 2 });
});

test('a run that goes on with a budget still used up asks nothing more', async () => {
  let asked = 0;
  await using fleets = openTestFleets(async () => {
    asked += 1;
    return reply({ toolCalls: [requested('read_file', {})] });
  }, readOnce);
  const run = await fleets.launch(planOf(4, { budget: { tokens: 60 } }));
  await run.settled;
  const before = asked;
  fleets.resume(run.runId);
  expect(await run.settled).toMatchObject({ state: 'paused' });
  fleets.resume(run.runId, { tokens: 61 });
  await run.settled;
  expect(asked).toBeLessThanOrEqual(before + 4);
  const after = asked;
  fleets.resume(run.runId);
  await run.settled;
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(after);
});

test('a run let go on while its tools are written out settles with its next end, not as running', async () => {
  const flushed = Promise.withResolvers<void>();
  const flushing = Promise.withResolvers<void>();
  const tools = {
    ...scriptedTools({ read_file: () => 'x' }),
    flush: () => {
      flushing.resolve();
      return flushed.promise;
    },
  };
  const replies = [reply({ toolCalls: [requested('read_file', {})] }), reply({ text: 'end' })];
  await using fleets = openTestFleets(async () => replies.shift()!, tools);
  const run = await fleets.launch(planOf(1, { budget: { tokens: 10 } }));
  await flushing.promise;
  fleets.resume(run.runId, { tokens: 1_000 });
  const { settled } = run;
  flushed.resolve();
  expect(await settled).toMatchObject({ state: 'done' });
});

test('agents that a resume for the failed ones leaves out count as cut short, as history counts them', async () => {
  await using fleets = openTestFleets(async () => reply({ text: 'x' }));
  const recorded = sessions(
    session(0, { state: 'failed' }),
    session(1, { state: 'interrupted' }),
    session(2, { state: 'done' }),
  );
  const run = await fleets.launch(planOf(3), {
    only: new Set([0]),
    resume: { runId: 'R', sessions: recorded, earlier: EARLIER },
  });
  expect(await run.settled).toMatchObject({ agentsDone: 3, agentsCutShort: 1 });
});

test('a run that is put away paused writes no result for agents that have not ended', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'results-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const resultsPath = join(directory, 'results.jsonl');
  const fleets = openTestFleets(async () => reply({ toolCalls: [requested('read_file', {})] }), readOnce);
  const run = await fleets.launch(planOf(2, { budget: { tokens: 10 }, resultsPath }));
  await run.settled;
  await fleets[Symbol.asyncDispose]();
  expect(await readFile(resultsPath, 'utf8')).toBe('');
});

test('a results file that cannot be opened is one sentence with its path', async () => {
  await using fleets = openTestFleets(async () => reply({ text: 'x' }));
  const launching = fleets.launch(planOf(1, { resultsPath: '/nowhere/at/all/results.jsonl' }));
  await expect(launching).rejects.toMatchObject({
    code: 'RESULTS_NOT_WRITABLE',
    message: expect.stringContaining('/nowhere/at/all/results.jsonl') as string,
  });
});

test('pausing holds queued agents too, and they all end after the run goes on', async () => {
  const first = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  let asked = 0;
  await using fleets = openTestFleets(async () => {
    asked += 1;
    first.resolve();
    await go.promise;
    return reply({ text: 'x' });
  });
  const run = await fleets.launch(planOf(20, { limits: { ...TEST_LIMITS, concurrentAgents: 2 } }));
  await first.promise;
  fleets.pause(run.runId);
  const before = asked;
  go.resolve();
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(before);
  expect(run.progress()).toMatchObject({ state: 'paused', agentsDone: before });
  fleets.resume(run.runId);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 20 });
});

test("a fleet's own limit on requests at the same time holds", async () => {
  let running = 0;
  let most = 0;
  await using fleets = openTestFleets(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return reply({ text: 'x' });
  });
  const limits = { ...TEST_LIMITS, concurrentAgents: 20, concurrentRequests: 2 };
  const run = await fleets.launch(planOf(20, { limits }));
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 20, agentsFailed: 0 });
  expect(most).toBe(2);
});

test('10,000 agents each end once', async () => {
  await using fleets = openTestFleets(async () => reply({ text: 'x' }));
  const run = await fleets.launch(planOf(10_000, { limits: { ...TEST_LIMITS, concurrentAgents: 50 } }));
  const ended = new Map<number, number>();
  run.watch({ agentFinished: ({ agent }) => ended.set(agent, (ended.get(agent) ?? 0) + 1) });
  const settled: RunProgress = await run.settled;
  expect(settled).toMatchObject({ state: 'done', agentsDone: 10_000, agentsFailed: 0, turns: 10_000 });
  expect(ended.size).toBe(10_000);
  expect(Math.max(...ended.values())).toBe(1);
});

test('a run that is stopped before it began ends at once, though other runs hold every slot', async () => {
  await using fleets = openTestFleets(neverAnswers);
  const busy = await fleets.launch(planOf(100, { limits: { ...TEST_LIMITS, concurrentAgents: 100 } }));
  while (fleets.sink.of('turn.started').length < 100) await new Promise((resolve) => setImmediate(resolve));
  const run = await fleets.launch(planOf(3));
  await fleets.stop(run.runId, 60_000);
  expect(run.progress()).toMatchObject({ state: 'stopped', agentsDone: 3 });
  expect(busy.progress().state).toBe('running');
  await fleets.stop(busy.runId, 1);
});

test('a resume takes up agents whose model never answered, and leaves those that failed on their way', async () => {
  await using fleets = openTestFleets(async () => reply({ text: 'x' }));
  const recorded = sessions(session(0, { state: 'failed', turns: 0 }), session(1, { state: 'failed', turns: 2 }));
  const run = await fleets.launch(planOf(2), { resume: { runId: 'R', sessions: recorded, earlier: EARLIER } });
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 2, agentsFailed: 1 });
});
