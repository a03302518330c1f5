import { AGENT_KINDS, AGENT_STATES } from '../model/states.ts';
import { defineTable } from './define-table.ts';

/** What an operator wants of an agent that has not done so yet: it is at work, and its turn has to end first. */
export const AGENT_WISHES = ['none', 'pausing', 'stopping'] as const;
/** What an operator wants of an agent. */
export type AgentWish = (typeof AGENT_WISHES)[number];

/** What never changes of an agent; comes before its first `agentRows`. */
export const agentNames = defineTable('agentNames', { agent: 'u32', kind: AGENT_KINDS, name: 'text', model: 'text' });

/**
 * Agents as they stand; a later row of an agent replaces the earlier one.
 *
 * `sinceMs` is when it entered its state, `startedAtMs` when it left the queue and `endedAtMs` when it ended (wall clock, 0:
 * not yet). `busyMs` is the time it had worked before this session of the program. `costUsd` is NaN when the price of any of
 * its turns is not known. `untilMs` is when it tries again (0: it does not wait for that). `detail` is what it does or why
 * it waits, cut to about 120 characters.
 */
export const agentRows = defineTable('agentRows', {
  agent: 'u32',
  state: AGENT_STATES,
  sinceMs: 'f64',
  startedAtMs: 'f64',
  endedAtMs: 'f64',
  untilMs: 'f64',
  busyMs: 'f64',
  turns: 'u32',
  toolCalls: 'u32',
  toolCallsFailed: 'u32',
  retries: 'u32',
  inputTokens: 'f64',
  outputTokens: 'f64',
  costUsd: 'f64',
  wish: AGENT_WISHES,
  detail: 'text',
});
