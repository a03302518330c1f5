import { z } from 'zod';
import { budget } from '../fleet/fleet-sections.ts';
import { command, defineDomain, query, stream } from './define.ts';
import {
  agentActivity,
  agentLogItem,
  agentTimes,
  finishedAgent,
  knownReport,
  runId,
  runProgress,
  runReport,
  runView,
  tableBytes,
} from './run-schemas.ts';

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

const oneAgent = z.strictObject({ runId, agent: z.number().int().min(0) });
const nothing = z.strictObject({});

/** Live runs and recorded ones: an id is looked up among both, except where a command needs a live run. */
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
  /** Any run, live or recorded. */
  get: query({
    input: one,
    output: runView,
    errors: ['RUN_NOT_FOUND', 'HISTORY_LOCKED', 'HISTORY_DAMAGED'],
    deadlineMs: 10_000,
  }),
  /**
   * The report of a recorded run that has ended, put together where none was kept: its program died, or it was imported.
   * Reads every call of the run, seconds for a million; nothing else waits for it. RUN_NOT_FOUND also when it has not ended.
   */
  report: query({
    input: one,
    output: knownReport,
    errors: ['RUN_NOT_FOUND', 'HISTORY_LOCKED', 'HISTORY_DAMAGED'],
    deadlineMs: 120_000,
  }),
  /**
   * The agents of any run: tables `agentNames` and `agentRows` of `shared/table`. All agents first, in pieces; of a live run
   * then those that changed, until it ends; of a recorded one nothing more. The source is asked when there is room, so
   * changes between two messages become one row.
   */
  agents: stream({
    input: one,
    item: tableBytes,
    errors: ['RUN_NOT_FOUND', 'HISTORY_LOCKED', 'HISTORY_DAMAGED'],
    bufferedItems: 8,
    overflow: 'wait',
  }),
  /**
   * Figures by second, table `runFrames`: what is kept first, then a row a second. Of a recorded run all of it, in about 600
   * rows at most: counts are added, percentiles and peaks are the largest, levels those at the end. Begins with a table also
   * when there is nothing, which then has no rows.
   */
  figures: stream({
    input: one,
    item: tableBytes,
    errors: ['RUN_NOT_FOUND', 'HISTORY_LOCKED', 'HISTORY_DAMAGED'],
    bufferedItems: 8,
    overflow: 'wait',
  }),
  /**
   * What one agent did, in the order in which it began; an item whose `key` is known replaces the earlier one. Begins with
   * its last few hundred entries; `older` says where the page before them ends. Of a live run it goes on until the agent ends.
   * RUN_NOT_FOUND also for an agent that the run does not have.
   */
  log: stream({
    input: oneAgent,
    item: agentLogItem,
    errors: ['RUN_NOT_FOUND', 'HISTORY_LOCKED', 'HISTORY_DAMAGED'],
    bufferedItems: 256,
    overflow: 'wait',
  }),
  /** Entries of the log before a place that it has named, oldest first; the newest page where none is given. */
  earlierLog: query({
    input: z.strictObject({ runId, agent: z.number().int().min(0), before: z.string().max(64).optional() }),
    output: z.object({ items: z.array(agentLogItem), older: z.string().optional() }),
    errors: ['RUN_NOT_FOUND', 'HISTORY_LOCKED', 'HISTORY_DAMAGED'],
    deadlineMs: 10_000,
  }),
  /** Where the time of one agent went, from what is recorded. */
  times: query({
    input: oneAgent,
    output: agentTimes,
    errors: ['RUN_NOT_FOUND', 'HISTORY_LOCKED', 'HISTORY_DAMAGED'],
    deadlineMs: 10_000,
  }),
  pauseAll: command({ input: nothing, output: z.object({ runs: z.array(runProgress) }), deadlineMs: 5_000 }),
  resumeAll: command({ input: nothing, output: z.object({ runs: z.array(runProgress) }), deadlineMs: 5_000 }),
  /** One agent stops before its next turn; the others go on. An agent that still waits for its slot is held back there. */
  pauseAgent: command({
    input: oneAgent,
    output: nothing,
    errors: ['RUN_NOT_LIVE', 'AGENT_NOT_LIVE', 'AGENT_NOT_PAUSABLE'],
    deadlineMs: 5_000,
  }),
  resumeAgent: command({
    input: oneAgent,
    output: nothing,
    errors: ['RUN_NOT_LIVE', 'AGENT_NOT_LIVE'],
    deadlineMs: 5_000,
  }),
  /** Answers when it has ended. */
  stopAgent: command({
    input: z.strictObject({ runId, agent: z.number().int().min(0), deadlineMs }),
    output: nothing,
    errors: ['RUN_NOT_LIVE', 'AGENT_NOT_LIVE'],
    deadlineMs: 660_000,
  }),
});
