import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { LiveRun } from '../../../runtime/fleet/fleets.ts';
import type { Tool } from '../../../runtime/tools/tool.ts';
import { hostileAgents, toFleetText, type FleetAgent } from '../../support/hostile/hostile-fleet.ts';
import { createHostileTools, type HostileTools } from '../../support/hostile/hostile-tools.ts';
import { openTestPlane, type TestPlane } from '../../support/instance/test-plane.ts';
import type { Measured } from '../section.ts';
import { percentile, seededRandom } from '../statistics.ts';

const MIB = 2 ** 20;
const SEED = 11;
/** Agents that behave, and how many of them come in a second; `HOSTILE_AGENTS` makes a look shorter. */
const OTHERS = Number(process.env['HOSTILE_AGENTS'] ?? 300);
const ARRIVALS_PER_SEC = 10;
/** The first of them arrives when everything is warm. */
const WARM_UP_MS = 4_000;
/** The first of them are not counted. */
const WARM_UP_AGENTS = 20;
/** Before each harm of one agent: five of them leave a core of two to the others. */
const REST_MS = 4_000;
/** More than a round has time for. */
const HARMS = 20;
const FLOOD_CALLS = 3_840;
/** So that what the flood does to the conversation of its agent is not what the simulated provider spends its time on. */
const FLOOD_CALL_MS = 200;

const SETTINGS = {
  'cpu.maxWorkers': 6,
  'cpu.minWorkers': 6,
  'cpu.oldGenerationBytes': 64 * MIB,
  'cpu.youngGenerationBytes': 8 * MIB,
  'cpu.externalBytes': 64 * MIB,
  'io.maxRunning': 512,
  'io.maxPerAgent': 16,
  'gc.tuner': 'off',
};

/** When each agent is to begin, after the start: at random (Poisson), the same in every round. */
function drawArrivals(): number[] {
  const random = seededRandom(SEED);
  let dueMs = WARM_UP_MS;
  return Array.from({ length: OTHERS }, () => (dueMs += (-Math.log(1 - random()) / ARRIVALS_PER_SEC) * 1_000));
}

/** Holds each agent until it is to begin, and knows when each ended. */
class Arrivals {
  readonly dueMs = drawArrivals();
  startMs = 0;
  readonly tool: Tool = {
    name: 'arrive',
    description: 'Waits until the agent is to begin.',
    input: z.strictObject({ id: z.coerce.number() }),
    lane: 'io',
    repeatable: true,
    run: async (input, { signal }) => {
      const { id } = input as { id: number };
      await systemClock.sleep(Math.max(0, this.startMs + this.dueMs[id]! - performance.now()), signal);
      return { text: 'go on' };
    },
  };
}

/** An agent that waits for its time and then works in threads and in the main thread. */
function otherAgent(index: number): FleetAgent {
  return {
    name: `other-${index}`,
    tools: ['arrive', 'search_files', 'read_file'],
    prompt: [
      `- Call the tool \`arrive\` once, one at a time, with id \`${index}\`.`,
      '- Search for `needle 3` in `note.txt` with search_files.',
      '- Read lines 10 to 20 of `note.txt`.',
      '- Search for `needle 5` in `note.txt` with search_files.',
    ].join('\n'),
  };
}

/** Resolves with how long after its arrival each agent that behaves has ended. */
function watchEnds(run: LiveRun, arrivals: Arrivals, firstOther: number): Promise<number[]> {
  return new Promise((resolve) => {
    const tookMs: number[] = [];
    const observer = run.observe((event) => {
      if (event.type !== 'agent.changed' || event.agent < firstOther || event.state !== 'done') return;
      const other = event.agent - firstOther;
      tookMs[other] = performance.now() - arrivals.startMs - arrivals.dueMs[other]!;
      if (Object.keys(tookMs).length < OTHERS) return;
      observer[Symbol.dispose]();
      resolve(tookMs.slice(WARM_UP_AGENTS));
    });
  });
}

/** What the hostile agents have done, from history: so that a round in which they did nothing is found out. */
async function countHarms({ plane }: TestPlane, runId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = { timedOut: 0, outOfMemory: 0, crashed: 0 };
  for await (const { error } of plane.history.reader.toolCalls(runId)) {
    if (error?.code === 'TASK_TIMED_OUT') counts['timedOut']!++;
    if (error?.code === 'WORKER_OUT_OF_MEMORY') counts['outOfMemory']!++;
    if (error?.code === 'WORKER_LOST' || error?.code === 'TASK_POISONED') counts['crashed']!++;
  }
  return counts;
}

async function openScene(hostile: HostileTools, arrivals: Arrivals): Promise<TestPlane> {
  const site = await openTestPlane(SETTINGS, [...hostile.tools, arrivals.tool], hostile);
  const lines = Array.from({ length: 2_000 }, (_, n) => `line ${n} needle ${n % 7}`);
  await writeFile(join(site.dataDir, 'note.txt'), `${lines.join('\n')}\n`);
  return site;
}

/** How long agents take from their arrival to their end, in a fleet with hostile agents or in the same without them. */
export async function measureAmongHostile(isHostile: boolean): Promise<Measured> {
  const hostile = createHostileTools({ restMs: REST_MS, floodCallMs: FLOOD_CALL_MS });
  const arrivals = new Arrivals();
  await using site = await openScene(hostile, arrivals);
  const bad = isHostile ? hostileAgents({ harms: HARMS, floodCalls: FLOOD_CALLS }) : [];
  const agents = [...bad, ...Array.from({ length: OTHERS }, (_, index) => otherAgent(index))];
  arrivals.startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const run = await site.launch(toFleetText(agents));
  const tookMs = await watchEnds(run, arrivals, bad.length);
  const elapsedMs = performance.now() - arrivals.startMs;
  const cpu = process.cpuUsage(cpuBefore);
  await site.plane.fleets.stop(run.runId, 5_000);
  const report = await site.plane.report(await run.settled);
  const harms = await countHarms(site, run.runId);
  if (report.lost + report.duplicated + report.agentsFailed > 0) throw new Error(JSON.stringify(report));
  if (isHostile && Object.values(harms).some((count) => count === 0)) throw new Error(JSON.stringify(harms));
  return {
    p50Ms: percentile(tookMs, 0.5),
    p90Ms: percentile(tookMs, 0.9),
    p99Ms: percentile(tookMs, 0.99),
    ...harms,
    floodMost: hostile.mostFlooding(),
    coresUsed: (cpu.user + cpu.system) / 1_000 / elapsedMs,
    lostOrDuplicated: report.lost + report.duplicated,
  };
}
