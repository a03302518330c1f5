import { expect, test } from 'vitest';
import type { FleetPlan } from '../../../shared/fleet/fleet-schema.ts';
import { modelAgent, TEST_LIMITS } from '../../support/agent-context.ts';
import { reply } from '../../support/scripted-provider.ts';
import { type Ask, openTestFleets, planOf } from '../../support/test-fleets.ts';

/** More than the shared lane of the test takes at once, so that most of them wait for their turn there. */
const AGENTS = 400;
const SLOTS = 100;

/** Who was asked, in order. */
function recordAsks(): { readonly asked: string[]; readonly ask: Ask } {
  const asked: string[] = [];
  const ask: Ask = async ({ messages }) => {
    const [first] = messages;
    asked.push(first?.role === 'user' ? first.text : '');
    await new Promise((resolve) => setImmediate(resolve));
    return reply({ text: 'yes' });
  };
  return { asked, ask };
}

function fleetOf(prompt: string, weight: number): FleetPlan {
  const agents = Array.from({ length: AGENTS }, (_, index) =>
    modelAgent({ index, name: `${prompt}-${index}`, prompt }),
  );
  return planOf(AGENTS, { agents, limits: { ...TEST_LIMITS, concurrentAgents: AGENTS, weight } });
}

const countOf = (asked: readonly string[], prompt: string): number => asked.filter((each) => each === prompt).length;

test('a run of weight 3 gets three turns for each one of a run of weight 1', async () => {
  const { asked, ask } = recordAsks();
  await using fleets = openTestFleets(ask);
  const runs = await Promise.all([fleets.launch(fleetOf('light', 1)), fleets.launch(fleetOf('heavy', 3))]);
  await Promise.all(runs.map((run) => run.settled));
  // After the slots that the first run found free; before the heavy run has nothing left to wait.
  const shared = asked.slice(2 * SLOTS, 2 * SLOTS + 200);
  expect(countOf(shared, 'heavy') / countOf(shared, 'light')).toBeCloseTo(3, 0);
});

test('the weight of a run ends with it', async () => {
  const { asked, ask } = recordAsks();
  await using fleets = openTestFleets(ask);
  await (
    await fleets.launch(fleetOf('first', 100))
  ).settled;
  asked.length = 0;
  const runs = await Promise.all([fleets.launch(fleetOf('one', 1)), fleets.launch(fleetOf('other', 1))]);
  await Promise.all(runs.map((run) => run.settled));
  const shared = asked.slice(2 * SLOTS, 2 * SLOTS + 200);
  expect(countOf(shared, 'one') / countOf(shared, 'other')).toBeCloseTo(1, 0);
});
