/** Where a run stands. A run with failed agents is `done` with its count; `failed` means that it could not go on. */
export const RUN_STATES = [
  'queued',
  'running',
  'paused',
  'stopping',
  'done',
  'failed',
  'stopped',
  'interrupted',
] as const;
/** One of `RUN_STATES`. */
export type RunState = (typeof RUN_STATES)[number];

/** Where an agent stands. */
export const AGENT_STATES = [
  'queued',
  'asking',
  'running tools',
  'waiting for approval',
  'retrying',
  'paused',
  'done',
  'limit reached',
  'failed',
  'stopped',
  'interrupted',
] as const;
/** One of `AGENT_STATES`. */
export type AgentState = (typeof AGENT_STATES)[number];

/** How a turn ended; `broken` is a stream that failed and was, or may be, asked again as a new attempt. */
export const TURN_STATES = ['asking', 'done', 'broken', 'cancelled'] as const;
/** One of `TURN_STATES`. */
export type TurnState = (typeof TURN_STATES)[number];

/** How a tool call stands; `unknown` is one that was in flight when the program died. */
export const TOOL_CALL_STATES = ['running', 'done', 'failed', 'denied', 'cancelled', 'unknown'] as const;
/** One of `TOOL_CALL_STATES`. */
export type ToolCallState = (typeof TOOL_CALL_STATES)[number];

/** What an agent is: our loop over a model, an external agent over its protocol, or any program. */
export const AGENT_KINDS = ['model', 'acp', 'command'] as const;
/** One of `AGENT_KINDS`. */
export type AgentKind = (typeof AGENT_KINDS)[number];

const FINAL_RUN_STATES: ReadonlySet<RunState> = new Set(['done', 'failed', 'stopped', 'interrupted']);
const FINAL_AGENT_STATES: ReadonlySet<AgentState> = new Set([
  'done',
  'limit reached',
  'failed',
  'stopped',
  'interrupted',
]);

/** Whether a run in this state does nothing any more unless it is resumed. */
export function isFinalRunState(state: RunState): boolean {
  return FINAL_RUN_STATES.has(state);
}

/** Whether an agent in this state does nothing any more unless it is resumed. */
export function isFinalAgentState(state: AgentState): boolean {
  return FINAL_AGENT_STATES.has(state);
}
