import type { ErrorData } from '../errors/app-error.ts';
import type { FleetBudget } from '../fleet/fleet-schema.ts';
import type { RequestedCall, StopReason, Usage } from '../model/conversation.ts';
import type { AgentIndex, RunId } from '../model/ids.ts';
import type { AgentKind, AgentState, RunState, ToolCallState } from '../model/states.ts';

interface Of<Type extends string> {
  readonly type: Type;
  readonly runId: RunId;
  readonly atMs: number;
}

/** A run was accepted; the first event of each run. */
export interface RunLaunched extends Of<'run.launched'> {
  readonly fleet: string;
  readonly fleetPath: string;
  /** The fleet file as it was read, so that a run can be resumed when the file has changed. */
  readonly fleetText: string;
  /** `--set` values applied over the file. */
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly workspace: string;
  readonly agents: number;
  readonly settingsVersion: number;
}

/** A run is in another state than before. */
export interface RunChanged extends Of<'run.changed'> {
  readonly state: RunState;
  /** One sentence for a person: why it paused, stopped or failed. */
  readonly reason?: string;
  readonly error?: ErrorData;
  /** The run's budget from now on; only where it may be another than before. */
  readonly budget?: FleetBudget;
}

/** An agent of the run, as the fleet file expanded to it; before its first state. */
export interface AgentAdded extends Of<'agent.added'> {
  readonly agent: AgentIndex;
  readonly name: string;
  readonly kind: AgentKind;
  readonly system: string;
  readonly prompt: string;
}

/** An agent is in another state than before. */
export interface AgentChanged extends Of<'agent.changed'> {
  readonly agent: AgentIndex;
  readonly state: AgentState;
  /** Why it is queued, retried or paused; which limit was reached. */
  readonly reason?: string;
  /** For `retrying`: when the next attempt starts (wall clock). */
  readonly untilMs?: number;
  /** For a final state. */
  readonly stop?: StopReason;
  /** For a final state: the last text of the model, or the output of the program. */
  readonly answer?: string;
}

/** A request goes to the provider. */
export interface TurnStarted extends Of<'turn.started'> {
  readonly agent: AgentIndex;
  /** From 1; a turn asked again keeps its number and raises `attempt`. */
  readonly turn: number;
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
}

/** The answer has ended, whole or broken. */
export interface TurnFinished extends Of<'turn.finished'> {
  readonly agent: AgentIndex;
  readonly turn: number;
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
  readonly state: 'done' | 'broken' | 'cancelled';
  readonly startedAtMs: number;
  /** Text received, also when the stream broke. */
  readonly text: string;
  readonly toolCalls: readonly RequestedCall[];
  readonly usage?: Usage;
  /** Absent when the price is not known. */
  readonly costUsd?: number;
  /** From asking to the first event of the stream. */
  readonly firstTokenMs?: number;
  /** Waited for a permit of the provider's lane. */
  readonly waitMs: number;
  readonly ms: number;
  readonly error?: ErrorData;
  /** Answered from the cache: the provider was not asked; usage and cost are 0. */
  readonly cached?: boolean;
}

/** A tool call is about to be given to its lane; what was recorded so and never finished is `unknown` after a crash. */
export interface ToolCallStarted extends Of<'toolCall.started'> {
  readonly agent: AgentIndex;
  readonly turn: number;
  /** The `n` of its call id. */
  readonly call: number;
  readonly providerCallId: string;
  readonly tool: string;
  readonly argumentsJson: string;
}

/** A tool call has its result; repeats what its start said, so that it stands alone. */
export interface ToolCallFinished extends Of<'toolCall.finished'> {
  readonly agent: AgentIndex;
  readonly turn: number;
  readonly call: number;
  readonly providerCallId: string;
  readonly tool: string;
  readonly argumentsJson: string;
  readonly state: Exclude<ToolCallState, 'running' | 'unknown'>;
  readonly startedAtMs: number;
  readonly output: string;
  /** Size of the output before it was capped. */
  readonly outputBytes: number;
  /** Waited in the lane's queue. */
  readonly waitMs: number;
  readonly ms: number;
  readonly error?: ErrorData;
  /** Answered from the cache: the tool did not run. */
  readonly cached?: boolean;
}

/** Figures of one second, aggregated before they leave the runtime. Keys are metric names with their unit. */
export interface MetricFrame {
  readonly type: 'metric.frame';
  readonly runId?: undefined;
  readonly atMs: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Something a person should see that is not a state: a sandbox that is missing, samples that were dropped. */
export interface Notice extends Of<'notice'> {
  readonly level: 'info' | 'warning' | 'error';
  readonly agent?: AgentIndex;
  readonly text: string;
}

/** Every fact that leaves the runtime. Plain data; `type` tells which. */
export type RuntimeEvent =
  | RunLaunched
  | RunChanged
  | AgentAdded
  | AgentChanged
  | TurnStarted
  | TurnFinished
  | ToolCallStarted
  | ToolCallFinished
  | MetricFrame
  | Notice;
