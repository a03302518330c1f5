import type { CpuWorkers } from '../../workers/cpu-lane.ts';
import type { ToolContext } from '../tool.ts';

/** A task ends by itself a little before the call does, so that its thread is kept; ending the thread is the last resort. */
const OWN_END_SHARE = 0.9;

/** Runs a task of a tool in a worker thread, within what is left of the call's time. */
export async function runInThread<Answer>(
  workers: CpuWorkers,
  task: string,
  order: object,
  { timeoutMs, signal }: ToolContext,
): Promise<Answer> {
  const timeLimitMs = timeoutMs * OWN_END_SHARE;
  // Every task that runs here only reads.
  return await workers.run<Answer>(
    task,
    { ...order, timeLimitMs },
    { deadlineMs: timeoutMs, signal, isRepeatable: true },
  );
}
