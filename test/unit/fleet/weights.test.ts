import { expect, test } from 'vitest';
import type { FleetPlan } from '../../../shared/fleet/fleet-schema.ts';
import { modelAgent, TEST_LIMITS } from '../../support/agent-context.ts';
import { reply } from '../../support/scripted-provider.ts';
import { type Ask, openTestFleets, planOf } from '../../support/test-fleets.ts';

/** More than the shared lane of the test takes at once, so that most of them wait for their turn there. */
const AGENTS = 400;
const SLOTS = 100;

/** Who was asked, in order; nobody is answered before `begin`. */
function recordAsks() {
  const asked: string[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const ask: Ask = async ({ messages }) => {
    const [first] = messages;
    asked.push(first?.role === 'user' ? first.text : '');
    await begun;
    await new Promise((resolve) => setImmediate(resolve));
    return reply({ text: 'yes' });
  };
  return { asked, ask, begin };
}

/** Launches both at once, lets them go on when all agents of both wait for their turn, and answers when both have ended. */
async function runTogether(
  fleets: ReturnType<typeof openTestFleets>,
  plans: readonly [FleetPlan, FleetPlan],
  begin: () => void,
): Promise<void> {
  const before = fleets.sink.of('agent.added').length;
  const runs = await Promise.all(plans.map((plan) => fleets.launch(plan)));
  while (fleets.sink.of('agent.added').length < before + 2 * AGENTS)
    await new Promise((resolve) => setImmediate(resolve));
  // They are handed to the gate in batches after the last was announced.
  for (let turn = 0; turn < AGENTS; turn++) await new Promise((resolve) => setImmediate(resolve));
  begin();
  await Promise.all(runs.map((run) => run.settled));
}

function fleetOf(prompt: string, weight: number): FleetPlan {
  const agents = Array.from({ length: AGENTS }, (_, index) =>
    modelAgent({ index, name: `${prompt}-${index}`, prompt }),
  );
  return planOf(AGENTS, { agents, limits: { ...TEST_LIMITS, concurrentAgents: AGENTS, weight } });
}

const countOf = (asked: readonly string[], prompt: string): number => asked.filter((each) => each === prompt).length;

test('a run of weight 3 gets three turns for each one of a run of weight 1', async () => {
  const { asked, ask, begin } = recordAsks();
  await using fleets = openTestFleets(ask);
  await runTogether(fleets, [fleetOf('light', 1), fleetOf('heavy', 3)], begin);
  // After the slots that were free at first; before the heavy run has nothing left to wait.
  const shared = asked.slice(SLOTS, SLOTS + 200);
  expect([countOf(shared, 'light'), countOf(shared, 'heavy')]).toEqual([50, 150]);
});
