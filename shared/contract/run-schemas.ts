import { z } from 'zod';
import type { StopReason } from '../model/conversation.ts';
import { LIMITS } from '../model/conversation.ts';
import type { AgentActivity, FinishedAgent, RunProgress, RunReport } from '../model/run-summary.ts';
import { AGENT_KINDS, AGENT_STATES, RUN_STATES } from '../model/states.ts';

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
  agents: count,
  agentsDone: count,
  agentsFailed: count,
  agentsAtLimit: count,
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

/** `RunReport` on the wire. */
export const runReport: z.ZodType<RunReport> = z.object({
  ...progressShape,
  lost: count,
  duplicated: count,
  ms,
  peakRssBytes: count,
  latencyMs: z.object({ p50: ms.optional(), p99: ms.optional() }),
}) as z.ZodType<RunReport>;
