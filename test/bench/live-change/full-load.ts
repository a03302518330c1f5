import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { toHeapLimitBytes } from '../../../runtime/memory/heap/generations.ts';
import type { LiveRun } from '../../../runtime/fleet/fleets.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { Tool } from '../../../runtime/tools/tool.ts';
import { openCpuWorkers, type CpuWorkers } from '../../../runtime/workers/cpu-lane.ts';
import type { SettingValues } from '../../../main/settings/settings.ts';
import { openTestPlane, type TestPlane } from '../../support/instance/test-plane.ts';
import type { Measured } from '../section.ts';
import { median } from '../statistics.ts';

const MIB = 2 ** 20;
const WARM_UP_MS = 8_000;
const SAMPLE_EVERY_MS = 100;
/** Throughput below this part of the steady one is a dip. */
const STEADY_RATIO = 0.9;
const LOOK_EVERY_MS = 5;
/** A change that is not seen by then does not act. */
const ACTS_WITHIN_MS = 30_000;

const YOUNG_BYTES = 16 * MIB;
const SETTINGS = {
  'cpu.maxWorkers': 2,
  'cpu.oldGenerationBytes': 128 * MIB,
  'cpu.youngGenerationBytes': YOUNG_BYTES,
  'gc.tuner': 'off',
};

const FILES = 400;
const FLEET = {
  flotilla: 1,
  name: 'full-load',
  workspace: '.',
  model: 'sim/default',
  agents: [
    {
      name: 'working',
      count: 4_000,
      tools: ['work'],
      prompt: 'Call the tool `work` exactly 1,024 times, 64 at a time, with id `work-<n>`.',
    },
    {
      name: 'reading',
      count: 4_000,
      tools: ['read_file'],
      prompt: `Call the tool \`read_file\` exactly 512 times, 32 at a time, with path \`files/<n%${FILES}>.txt\`.`,
    },
  ],
  limits: { concurrentAgents: 16, turns: 100, toolCalls: 2_000, minutes: 30 },
};

/** A plane under load whose threads can be looked at. */
interface Scene {
  readonly site: TestPlane;
  readonly cpu: CpuWorkers;
}

/** A change, and whether it can be seen to act. */
interface Change {
  readonly values: SettingValues;
  isSeen(scene: Scene): boolean;
}

const heap = (bytes: number): Change => ({
  values: { 'cpu.oldGenerationBytes': bytes },
  isSeen({ cpu }) {
    const { heapLimitBytes } = cpu.state().effective;
    const wanted = toHeapLimitBytes(bytes, YOUNG_BYTES);
    return heapLimitBytes !== 'pending' && heapLimitBytes.lowest === wanted && heapLimitBytes.highest === wanted;
  },
});
const workers = (count: number): Change => ({
  values: { 'cpu.maxWorkers': count },
  isSeen: ({ cpu }) => cpu.stats().length === count,
});
const entries = (most: number): Change => ({
  values: { 'cache.toolResults.maxEntries': most },
  isSeen: ({ site }) => (site.plane.caches().find(({ name }) => name === 'toolResults')?.entries ?? 0) <= most,
});
const connections = (most: number): Change => ({
  values: { 'provider.maxConnections': most },
  isSeen: ({ site }) => site.plane.providers().every((provider) => provider.connections <= most),
});

const CHANGES: readonly Change[] = [
  workers(8),
  heap(96 * MIB),
  entries(50),
  connections(1),
  workers(2),
  heap(128 * MIB),
  entries(20_000),
  connections(8),
];

function workTool(cpu: () => CpuWorkers): Tool {
  return {
    name: 'work',
    description: 'Works for a millisecond.',
    input: z.strictObject({ id: z.string() }),
    lane: 'cpu',
    repeatable: true,
    async run(_, { signal, timeoutMs }) {
      await cpu().run('busy for', 1, { deadlineMs: timeoutMs, signal, isRepeatable: true });
      return { text: 'done' };
    },
  };
}

/** Tool calls that ended in each tenth of a second, until `untilMs`. */
async function sample(run: LiveRun, untilMs: number): Promise<number[]> {
  const counts: number[] = [];
  let [last, lastMs] = [run.progress().toolCalls, performance.now()];
  while (performance.now() < untilMs) {
    await systemClock.sleep(SAMPLE_EVERY_MS);
    const [now, nowMs] = [run.progress().toolCalls, performance.now()];
    counts.push(((now - last) / (nowMs - lastMs)) * 1_000);
    [last, lastMs] = [now, nowMs];
  }
  return counts;
}

/** How long one change took to act. */
interface Acted {
  readonly key: string;
  readonly ms: number;
}

/** Makes one change after the other. Throws when one cannot be seen to act. */
async function change(scene: Scene, untilMs: number, everyMs: number): Promise<Acted[]> {
  const acted: Acted[] = [];
  for (let index = 0; performance.now() + everyMs < untilMs; index++) {
    const next = CHANGES[index % CHANGES.length]!;
    const { values } = next;
    const startMs = performance.now();
    await scene.site.set(values);
    while (!next.isSeen(scene)) {
      if (performance.now() > startMs + ACTS_WITHIN_MS) throw new Error(`${JSON.stringify(values)} does not act.`);
      await systemClock.sleep(LOOK_EVERY_MS);
    }
    acted.push({ key: Object.keys(values)[0]!, ms: performance.now() - startMs });
    await systemClock.sleep(Math.max(0, startMs + everyMs - performance.now()));
  }
  return acted;
}

/** The longest that each kind of change took, and all of them. */
function toActed(acted: readonly Acted[]): Record<string, number> {
  const longest = (part: string): number =>
    Math.max(...acted.filter(({ key }) => key.includes(part)).map(({ ms }) => ms));
  if (acted.length < CHANGES.length) return {};
  return {
    actsMaxMs: longest(''),
    workersActMs: longest('maxWorkers'),
    heapsActMs: longest('oldGeneration'),
    cacheActsMs: longest('cache'),
    connectionsActMs: longest('provider'),
  };
}

/** The longest time without a break in which throughput was below its part of the steady one. */
function longestDipMs(perSec: readonly number[], steady: number): number {
  let [longest, now] = [0, 0];
  for (const one of perSec) {
    now = one < STEADY_RATIO * steady ? now + 1 : 0;
    longest = Math.max(longest, now);
  }
  return longest * SAMPLE_EVERY_MS;
}

/** How the whole program fares under full load while its limits change every `everyMs`; never when that is absent. */
export async function measureFullLoad(durationMs: number, everyMs?: number): Promise<Measured> {
  const tasks = new URL('../../support/hostile/hostile-tasks.ts', import.meta.url);
  let cpu: CpuWorkers | undefined;
  const open: typeof openCpuWorkers = (options, parts) => (cpu = openCpuWorkers(options, { ...parts, tasks }));
  await using site = await openTestPlane(SETTINGS, [workTool(() => cpu!)], { openCpuWorkers: open });
  await mkdir(join(site.dataDir, 'files'));
  for (let n = 0; n < FILES; n++) await writeFile(join(site.dataDir, 'files', `${n}.txt`), `file ${n}\n`.repeat(20));
  const run = await site.launch(JSON.stringify(FLEET));
  await systemClock.sleep(WARM_UP_MS);
  const untilMs = performance.now() + durationMs;
  const changing = everyMs === undefined ? Promise.resolve([]) : change({ site, cpu: cpu! }, untilMs, everyMs);
  const [perSec, acted] = await Promise.all([sample(run, untilMs), changing]);
  await site.plane.fleets.stop(run.runId, 10_000);
  const report = await site.plane.report(await run.settled);
  const wrong = report.lost + report.duplicated + report.agentsFailed + cpu!.state().counts.lostThreads;
  if (wrong > 0) throw new Error(`Something was lost, doubled or failed: ${JSON.stringify(report)}`);
  const steady = median(perSec);
  return {
    opsPerSec: perSec.reduce((sum, one) => sum + one, 0) / perSec.length,
    steadyPerSec: steady,
    longestDipMs: longestDipMs(perSec, steady),
    changes: acted.length,
    ...toActed(acted),
    lostOrDuplicated: wrong,
  };
}
