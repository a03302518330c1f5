import { z } from 'zod';
import { budget } from '../fleet/fleet-sections.ts';
import { command, defineDomain, query, stream } from './define.ts';
import { agentActivity, finishedAgent, runId, runProgress, runReport } from './run-schemas.ts';

const one = z.strictObject({ runId });
const deadlineMs = z.number().int().min(0).max(600_000).optional();

/** What it names replaces that part of the run's budget. */
const newBudget = budget.optional();

const watchItem = z.discriminatedUnion('kind', [
  /** The first item: how the run stands, and how many finished agents follow at once. */
  z.object({ kind: z.literal('baseline'), progress: runProgress, finished: z.number().int().min(0) }),
  z.object({
    kind: z.literal('agent'),
    agent: finishedAgent,
    /** The answer is in history only: answers of this run took more memory than is kept for watchers. */
    answerOmitted: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal('progress'),
    progress: runProgress,
    /** The first few agents at work. */
    atWork: z.array(agentActivity).optional(),
  }),
  /** The last item: the run has ended, or is paused for its budget. */
  z.object({ kind: z.literal('report'), report: runReport }),
]);

/** What a watcher of a run receives. */
export type RunWatchItem = z.infer<typeof watchItem>;

/** Live runs, and those that ended a short while ago. */
export const runs = defineDomain('runs', {
  list: query({ input: z.strictObject({}), output: z.object({ runs: z.array(runProgress) }), deadlineMs: 2_000 }),
  progress: query({ input: one, output: runProgress, errors: ['RUN_NOT_LIVE'], deadlineMs: 2_000 }),
  pause: command({ input: one, output: runProgress, errors: ['RUN_NOT_LIVE'], deadlineMs: 5_000 }),
  resume: command({
    input: z.strictObject({ runId, budget: newBudget }),
    output: runProgress,
    errors: ['RUN_NOT_LIVE'],
    deadlineMs: 5_000,
  }),
  /** Answers when no agent of the run is left. */
  stop: command({
    input: z.strictObject({ runId, deadlineMs }),
    output: runProgress,
    errors: ['RUN_NOT_LIVE'],
    deadlineMs: 660_000,
  }),
  stopAll: command({
    input: z.strictObject({ deadlineMs }),
    output: z.object({ runs: z.array(runProgress) }),
    deadlineMs: 660_000,
  }),
  /** Every agent that has finished or finishes arrives once; progress at most ten times a second. */
  watch: stream({
    input: one,
    item: watchItem,
    errors: ['RUN_NOT_LIVE', 'HISTORY_DAMAGED', 'HISTORY_LOCKED', 'DISK_FULL'],
    bufferedItems: 1_024,
    overflow: 'wait',
  }),
});
