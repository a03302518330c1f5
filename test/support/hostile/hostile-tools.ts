import { z } from 'zod';
import type { Tool } from '../../../runtime/tools/tool.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { openCpuWorkers, type CpuWorkers } from '../../../runtime/workers/cpu-lane.ts';

/** Time that a task that spins is given; the others end before a call's own limit. */
const SPIN_LIMIT_MS = 1_000;
/** The pace of the tools. */
export interface HostilePace {
  /** How long a tool rests before it does harm, so that the load is what a test wants. */
  readonly restMs?: number;
  /** How long a call of the flood takes. */
  readonly floodCallMs?: number;
}

const tasks = new URL('./hostile-tasks.ts', import.meta.url);
const input = z.strictObject({ id: z.string().describe('Name of the call.') });

/** Tools that misbehave in each way a tool can, and what a control plane opens its threads with for them. */
export interface HostileTools {
  readonly tools: readonly Tool[];
  readonly openCpuWorkers: typeof openCpuWorkers;
  /** The threads of the plane that was opened last. */
  cpuWorkers(): CpuWorkers;
  /** The most calls of `flood` that ran at the same time. */
  mostFlooding(): number;
}

/**
 * `spin`, `leak_heap`, `leak_buffers`, `crash` (not repeatable) and `crash_again` (repeatable) in worker threads; `flood` in
 * the main thread.
 */
export function createHostileTools({ restMs = 0, floodCallMs = 20 }: HostilePace = {}): HostileTools {
  let workers: CpuWorkers | undefined;
  const flooding = { now: 0, most: 0 };
  const inThread = (name: string, task: string, isRepeatable = false): Tool => ({
    name,
    description: `Misbehaves: ${task}.`,
    input,
    lane: 'cpu',
    repeatable: isRepeatable,
    async run(_, { signal, timeoutMs }) {
      if (restMs > 0) await systemClock.sleep(restMs, signal);
      const deadlineMs = name === 'spin' ? SPIN_LIMIT_MS : timeoutMs;
      await workers!.run(task, undefined, { deadlineMs, signal, isRepeatable });
      return { text: 'ended' };
    },
  });
  const flood: Tool = {
    name: 'flood',
    description: 'Comes in floods.',
    input,
    lane: 'io',
    repeatable: true,
    async run() {
      flooding.most = Math.max(flooding.most, ++flooding.now);
      await systemClock.sleep(floodCallMs);
      flooding.now--;
      return { text: 'ok' };
    },
  };
  return {
    tools: [
      inThread('spin', 'hostile spin'),
      inThread('leak_heap', 'hostile heap'),
      inThread('leak_buffers', 'hostile buffers'),
      inThread('crash', 'hostile crash'),
      inThread('crash_again', 'hostile crash', true),
      flood,
    ],
    openCpuWorkers: (options, parts) => (workers = openCpuWorkers(options, { ...parts, tasks })),
    cpuWorkers: () => workers!,
    mostFlooding: () => flooding.most,
  };
}
