import { expect, test } from 'vitest';
import { scriptedTools, TEST_LIMITS } from '../../support/agent-context.ts';
import { advanceInSteps, manualClock } from '../../support/manual-clock.ts';
import { reply } from '../../support/scripted-provider.ts';
import { openTestFleets, planOf } from '../../support/test-fleets.ts';

test("a fleet's requests a minute are kept, whatever its agents would do", async () => {
  const clock = manualClock();
  let asked = 0;
  const fleets = openTestFleets(
    async () => {
      asked += 1;
      return reply({ text: 'x' });
    },
    scriptedTools({}),
    clock,
  );
  const limits = { ...TEST_LIMITS, concurrentAgents: 50, requestsPerMinute: 60 };
  const run = await fleets.launch(planOf(50, { limits }));
  await advanceInSteps(clock, 10_000, 500);
  // A tenth of a minute's share at once, then one a second.
  expect(asked).toBeGreaterThanOrEqual(14);
  expect(asked).toBeLessThanOrEqual(17);
  await advanceInSteps(clock, 50_000, 500);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 50, agentsFailed: 0 });
  await fleets[Symbol.asyncDispose]();
});

test("a fleet's tokens a minute are kept by what the provider counted", async () => {
  const clock = manualClock();
  let asked = 0;
  const fleets = openTestFleets(
    async () => {
      asked += 1;
      return reply({ text: 'x', usage: { inputTokens: 90, outputTokens: 10 } });
    },
    scriptedTools({}),
    clock,
  );
  const limits = { ...TEST_LIMITS, concurrentAgents: 1, tokensPerMinute: 600 };
  const run = await fleets.launch(planOf(10, { limits }));
  await advanceInSteps(clock, 30_000, 500);
  // 60 at once and 300 in half a minute, at 100 each; one more may begin before it is counted.
  expect(asked).toBeGreaterThanOrEqual(3);
  expect(asked).toBeLessThanOrEqual(5);
  await advanceInSteps(clock, 90_000, 500);
  expect(await run.settled).toMatchObject({ state: 'done', agentsDone: 10, inputTokens: 900 });
  await fleets[Symbol.asyncDispose]();
});
