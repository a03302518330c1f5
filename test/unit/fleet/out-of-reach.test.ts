import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { FinishedAgent } from '../../../shared/model/run-summary.ts';
import { modelAgent } from '../../support/agent-context.ts';
import { reply } from '../../support/scripted-provider.ts';
import { openTestFleets, planOf } from '../../support/test-fleets.ts';

const down = new AppError('PROVIDER_UNREACHABLE', 'Nothing listens at 127.0.0.1:9; start the server.');

test('a run whose provider cannot be reached fails with its first agent instead of asking for all of them', async () => {
  let asked = 0;
  await using fleets = openTestFleets(async () => {
    asked += 1;
    throw down;
  });
  const run = await fleets.launch(planOf(1_000));
  const finished: FinishedAgent[] = [];
  run.watch({ agentFinished: (agent) => finished.push(agent) });
  expect(await run.settled).toMatchObject({ state: 'failed', reason: down.message, agentsDone: 1_000 });
  expect(asked).toBeLessThan(10);
  expect(finished).toHaveLength(1_000);
  expect(new Set(finished.map(({ state }) => state))).toEqual(new Set(['failed', 'stopped']));
});

test('a provider that answered once and is lost later costs only the agents that ask it then', async () => {
  let asked = 0;
  await using fleets = openTestFleets(async () => {
    asked += 1;
    if (asked > 1) throw down;
    return reply({ text: 'x' });
  });
  const run = await fleets.launch(planOf(20));
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 20, agentsFailed: 19 });
});

test('agents that ask another provider go on', async () => {
  await using fleets = openTestFleets(async ({ model }) => {
    if (model === 'gone') throw down;
    return reply({ text: 'x' });
  });
  const agents = [modelAgent({ index: 0, model: 'gone' }), modelAgent({ index: 1, provider: 'other', model: 'here' })];
  const run = await fleets.launch(planOf(0, { agents }));
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 2, agentsFailed: 1 });
});
