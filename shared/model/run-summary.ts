import type { StopReason } from './conversation.ts';
import type { AgentIndex, RunId } from './ids.ts';
import type { RunStretches } from './run-times.ts';
import type { AgentKind, AgentState, RunState } from './states.ts';

/** A run at one moment, small enough to send ten times a second. */
export interface RunProgress extends RunStretches {
  readonly runId: RunId;
  readonly fleet: string;
  readonly state: RunState;
  /** Why it is paused, stopping or failed. */
  readonly reason?: string;
  /** When it was first launched, also of a run that was resumed. */
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly agents: number;
  /** Agents in a final state. */
  readonly agentsDone: number;
  readonly agentsFailed: number;
  readonly agentsAtLimit: number;
  /** Of those done: stopped, or interrupted by the end of the program, before their work was. */
  readonly agentsCutShort: number;
  readonly agentsRunning: number;
  readonly turns: number;
  readonly toolCalls: number;
  readonly toolCallsFailed: number;
  /** Attempts asked again after a failure. */
  readonly retries: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the turns whose price is known. */
  readonly costUsd: number;
  /** Turns whose price is not known; their cost is in no sum. */
  readonly unpricedTurns: number;
}

/** What one agent at work does now. */
export interface AgentActivity {
  readonly agent: AgentIndex;
  readonly name: string;
  readonly state: AgentState;
  /** When it entered the state (wall clock). */
  readonly sinceMs: number;
  /** The newest tool call with its arguments, the program, or why it waits; cut to about 200 characters. */
  readonly detail?: string;
}

/** An agent that has reached a final state. */
export interface FinishedAgent {
  readonly agent: AgentIndex;
  readonly name: string;
  readonly kind: AgentKind;
  readonly state: AgentState;
  readonly stop: StopReason;
  readonly turns: number;
  readonly toolCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** `undefined` when the price of any of its turns is not known. */
  readonly costUsd: number | undefined;
  readonly ms: number;
  readonly answer: string;
}

/** The end of a run, with what only its end can say. */
export interface RunReport extends RunProgress {
  /** Calls the models asked for and history knows as done that the tools' ledger has not, and the reverse. */
  readonly lost: number;
  /** Calls whose id stands more than once in the ledger or in history. */
  readonly duplicated: number;
  /** How long it took: `tookMs` of its end. */
  readonly ms: number;
  readonly peakRssBytes: number;
  /** Tool calls, from asking the gate to the result; from history. */
  readonly latencyMs: { readonly p50: number | undefined; readonly p99: number | undefined };
  /** Turns and tool calls that were answered from the cache; absent in reports of older programs. */
  readonly cached?: { readonly turns: number; readonly toolCalls: number } | undefined;
}
