import { z } from 'zod';
import type { StopReason } from '../model/conversation.ts';
import { LIMITS } from '../model/conversation.ts';
import type { AgentActivity, FinishedAgent, RunProgress, RunReport } from '../model/run-summary.ts';
import { AGENT_KINDS, AGENT_STATES, RUN_STATES, TOOL_CALL_STATES, TURN_STATES } from '../model/states.ts';

const count = z.number().int().min(0);
const ms = z.number().min(0);

/** A run's id as it is asked for: 26 characters of a ULID, so that nothing else reaches a query. */
export const runId = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'a run id is 26 letters and digits');

const progressShape = {
  runId,
  fleet: z.string(),
  state: z.enum(RUN_STATES),
  reason: z.string().optional(),
  startedAtMs: ms,
  endedAtMs: ms.optional(),
  workedMs: ms,
  workingSinceMs: ms.optional(),
  agents: count,
  agentsDone: count,
  agentsFailed: count,
  agentsAtLimit: count,
  agentsCutShort: count,
  agentsRunning: count,
  turns: count,
  toolCalls: count,
  toolCallsFailed: count,
  retries: count,
  inputTokens: count,
  outputTokens: count,
  costUsd: z.number().min(0),
  unpricedTurns: count,
};

/** `RunProgress` on the wire. */
export const runProgress: z.ZodType<RunProgress> = z.object(progressShape);

const stopReason: z.ZodType<StopReason> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answered') }),
  z.object({ kind: z.literal('limit'), limit: z.enum(LIMITS), at: z.number() }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
  z.object({ kind: z.literal('stopped'), by: z.enum(['operator', 'deadline']) }),
]);

/** `AgentActivity` on the wire. */
export const agentActivity: z.ZodType<AgentActivity> = z.object({
  agent: count,
  name: z.string(),
  state: z.enum(AGENT_STATES),
  sinceMs: ms,
  detail: z.string().optional(),
});

/** `FinishedAgent` on the wire; `costUsd` is left out when it is not known. */
export const finishedAgent: z.ZodType<FinishedAgent> = z.object({
  agent: count,
  name: z.string(),
  kind: z.enum(AGENT_KINDS),
  state: z.enum(AGENT_STATES),
  stop: stopReason,
  turns: count,
  toolCalls: count,
  inputTokens: count,
  outputTokens: count,
  costUsd: z.number().min(0).optional(),
  ms,
  answer: z.string(),
}) as z.ZodType<FinishedAgent>;

const cachedCounts = z.object({ turns: count, toolCalls: count }).optional();

/** `RunReport` on the wire. */
export const runReport: z.ZodType<RunReport> = z.object({
  ...progressShape,
  lost: count,
  duplicated: count,
  ms,
  peakRssBytes: count,
  latencyMs: z.object({ p50: ms.optional(), p99: ms.optional() }),
  cached: cachedCounts,
}) as z.ZodType<RunReport>;

/** A report as far as it is known: of a run that was imported, or whose program died, not everything is. */
export const knownReport = z.object({
  ...progressShape,
  ms,
  latencyMs: z.object({ p50: ms.optional(), p99: ms.optional() }),
  /** Turns and tool calls that were answered from the cache; absent in reports of older programs. */
  cached: cachedCounts,
  /** Absent when the tools' own file of the run is not there (it was imported, or cleaned up). */
  lost: count.optional(),
  duplicated: count.optional(),
  /** Absent where the end of the run left no report; its figures tell the memory by second. */
  peakRssBytes: count.optional(),
});

/** A report as far as it is known. */
export type KnownReport = z.infer<typeof knownReport>;

/** A table of `shared/table` as it crosses: the receiver decodes it, and refuses what is not whole. */
export const tableBytes = z.instanceof(Uint8Array);

/** A run, live or recorded, with what its page shows beside its progress. */
export const runView = z.object({
  run: runProgress,
  isLive: z.boolean(),
  fleetPath: z.string(),
  workspace: z.string(),
  settingsVersion: count,
  /** `model (provider)` of its model agents, programs of its command agents; at most a few. */
  uses: z.array(z.string()),
  budget: z.object({ usd: z.number().optional(), tokens: z.number().optional() }),
  /** The most turns an agent may take; of a recorded run where its fleet file says it. */
  turnsPerAgent: count.optional(),
  resultsPath: z.string().optional(),
  /** Of a run that has ended, when it is there at once; otherwise `runs.report` puts it together. */
  report: knownReport.optional(),
  /** The newest 50, newest first: things a person should see that are no state: a sandbox that is missing, a results file that cannot be written. */
  notices: z.array(z.object({ atMs: ms, level: z.enum(['info', 'warning', 'error']), text: z.string() })),
});
/** A run, live or recorded. */
export type RunView = z.infer<typeof runView>;

const errorData = z.object({ code: z.string(), message: z.string() });
const entryBase = { key: z.string(), atMs: ms };
/** A text cut to what a log shows; `chars` is its whole length. */
const cutText = z.object({ text: z.string(), chars: count });

/**
 * One entry of an agent's log, or a word about the entries: `baseline`, those of the beginning are all there; `restart`, the
 * receiver was too slow for what came in: it forgets what it has, and a new beginning with a `baseline` follows.
 */
export const agentLogItem = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prompt'), ...entryBase, system: cutText, prompt: cutText }),
  z.object({
    kind: z.literal('turn'),
    ...entryBase,
    turn: count,
    attempt: count,
    state: z.enum(TURN_STATES),
    provider: z.string(),
    model: z.string(),
    /** Markdown, as the model wrote it. */
    text: cutText,
    toolCalls: count,
    inputTokens: count.optional(),
    outputTokens: count.optional(),
    costUsd: z.number().optional(),
    firstTokenMs: ms.optional(),
    waitMs: ms.optional(),
    ms: ms.optional(),
    error: errorData.optional(),
    /** Answered from the cache: the provider was not asked, and it cost nothing. */
    cached: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('toolCall'),
    ...entryBase,
    turn: count,
    call: count,
    tool: z.string(),
    state: z.enum(TOOL_CALL_STATES),
    /** JSON as the model wrote it. */
    arguments: cutText,
    output: cutText.optional(),
    waitMs: ms.optional(),
    ms: ms.optional(),
    error: errorData.optional(),
    /** Answered from the cache: the tool did not run. */
    cached: z.boolean().optional(),
  }),
  /** Why it waits, retries, was paused or ended. */
  z.object({ kind: z.literal('state'), ...entryBase, state: z.enum(AGENT_STATES), reason: z.string().optional() }),
  z.object({ kind: z.literal('answer'), ...entryBase, text: cutText }),
  z.object({ kind: z.literal('notice'), ...entryBase, level: z.enum(['info', 'warning', 'error']), text: z.string() }),
  /**
   * The end of what a program has printed while it runs; `chars` counts all of it. Gone when it has ended: then the whole is the
   * answer.
   */
  z.object({ kind: z.literal('output'), ...entryBase, text: cutText }),
  z.object({ kind: z.literal('baseline'), older: z.string().optional() }),
  z.object({ kind: z.literal('restart') }),
]);
/** One item of an agent's log. */
export type AgentLogItem = z.infer<typeof agentLogItem>;

/** Where one agent's time went, in milliseconds; what was not measured is what is left of its life. */
export const agentTimes = z.object({
  /** Before its life: from the launch to leaving the queue, or to now. */
  queuedMs: ms,
  /** From leaving the queue to its end, or to now. */
  lifeMs: ms,
  /** The program of an agent that is one, without its pauses; 0 for a model agent. */
  runningMs: ms,
  /** The model, without waiting for a permit. */
  askingMs: ms,
  /**
   * By tool, the most first. Calls of one turn run side by side: the time from the first one's start to the last one's end
   * is shared among them in proportion to how long each took, so the sum is time that passed.
   */
  tools: z.array(z.object({ tool: z.string(), calls: count, ms })),
  /** By reason, the most first: a permit of the provider, the tools' lanes, a retry, a pause, not running at all. */
  waiting: z.array(z.object({ reason: z.string(), ms })),
});
/** Where one agent's time went. */
export type AgentTimes = z.infer<typeof agentTimes>;
