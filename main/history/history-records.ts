import type { ErrorData } from '../../shared/errors/app-error.ts';
import type { RequestedCall, StopReason } from '../../shared/model/conversation.ts';
import type { FleetBudget } from '../../shared/fleet/fleet-schema.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { RunStretches } from '../../shared/model/run-times.ts';
import type { AgentKind, AgentState, RunState, ToolCallState, TurnState } from '../../shared/model/states.ts';

/** A run as history shows it. */
export interface RunRecord extends RunStretches {
  readonly runId: RunId;
  readonly fleet: string;
  readonly fleetPath: string;
  readonly workspace: string;
  readonly state: RunState;
  readonly reason?: string;
  readonly error?: ErrorData;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly settingsVersion: number;
  readonly agents: number;
  /** Agents in a final state. */
  readonly agentsDone: number;
  readonly failed: number;
  readonly atLimit: number;
  /** Of those done: stopped or interrupted. */
  readonly cutShort: number;
  readonly turns: number;
  readonly retries: number;
  readonly toolCalls: number;
  readonly toolCallsFailed: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the turns whose price is known. */
  readonly costUsd: number;
  readonly unpricedTurns: number;
  /** As it stood last, where it may be another than that of the fleet file. */
  readonly budget?: FleetBudget;
}

/** What a run was launched from. */
export interface RunSource {
  readonly fleetPath: string;
  readonly fleetText: string;
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly workspace: string;
}

export interface RunFilter {
  readonly states?: readonly RunState[];
  /** Runs of this fleet. */
  readonly fleet?: string;
  readonly startedFromMs?: number;
  readonly startedToMs?: number;
}

/** One page, and where the next begins; `next` is absent on the last. */
export interface RunPage {
  readonly runs: readonly RunRecord[];
  readonly next?: string;
}

export interface SessionRecord {
  readonly runId: RunId;
  readonly agent: number;
  readonly name: string;
  readonly kind: AgentKind;
  readonly state: AgentState;
  readonly reason?: string;
  readonly stop?: StopReason;
  readonly addedAtMs: number;
  readonly changedAtMs: number;
  readonly system: string;
  readonly prompt: string;
  readonly answer: string;
}

export interface TurnRecord {
  readonly runId: RunId;
  readonly agent: number;
  readonly turn: number;
  readonly attempt: number;
  readonly state: TurnState;
  readonly provider: string;
  readonly model: string;
  readonly startedAtMs: number;
  readonly waitMs?: number;
  readonly firstTokenMs?: number;
  readonly ms?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteInputTokens?: number;
  readonly costUsd?: number;
  readonly text: string;
  readonly toolCalls: readonly RequestedCall[];
  readonly error?: ErrorData;
  /** Answered from the cache: the provider was not asked. */
  readonly cached?: boolean;
}

export interface ToolCallRecord {
  readonly runId: RunId;
  readonly agent: number;
  readonly turn: number;
  readonly call: number;
  readonly tool: string;
  readonly state: ToolCallState;
  readonly providerCallId: string;
  readonly startedAtMs: number;
  readonly waitMs?: number;
  readonly ms?: number;
  readonly arguments: string;
  readonly output?: string;
  readonly outputBytes?: number;
  readonly error?: ErrorData;
  /** Answered from the cache: the tool did not run. */
  readonly cached?: boolean;
}

/** A row that holds the words searched for. */
export interface SearchHit {
  readonly runId: RunId;
  readonly fleet: string;
  readonly agent: number;
  readonly name: string;
  readonly what: 'prompt' | 'answer' | 'turn' | 'toolCall';
  readonly turn?: number;
  readonly call?: number;
  readonly tool?: string;
  readonly atMs: number;
  /** The surroundings of the first match, at most a few hundred characters. */
  readonly text: string;
  /** Where the words stand in `text`, inflected or not: start and end, in UTF-16 units. */
  readonly marks: readonly (readonly [start: number, end: number])[];
}

export interface SearchPage {
  readonly hits: readonly SearchHit[];
  readonly next?: string;
  /** Rows that the index has not taken in yet, at most. */
  readonly wordLag: number;
}

/** What an agent is looked for by, and where to go on. */
export interface FindAgentsOptions {
  readonly limit?: number;
  readonly after?: string;
  readonly runId?: RunId;
}

/** An agent whose name holds what was looked for. */
export interface FoundAgent {
  readonly runId: RunId;
  readonly fleet: string;
  readonly agent: number;
  readonly name: string;
  readonly state: AgentState;
  /** When it got its state. */
  readonly changedAtMs: number;
}

export interface FoundAgentPage {
  /** May be fewer than were asked for, even none, with more to come: a page looks at a bounded number of names. */
  readonly agents: readonly FoundAgent[];
  readonly next?: string;
}

/** What history takes on the disk. */
export interface HistoryBytes {
  /** The database and the log beside it. */
  readonly bytes: number;
  /** Of it: what the next rows fill, and the log. */
  readonly freeBytes: number;
  readonly walBytes: number;
}

export interface SizeRecord {
  /** A table with its indexes, `words`, `agent_names`, `free` or `wal`. */
  readonly table: string;
  readonly bytes: number;
}

/** The end of a run, from history alone. */
export interface RunFigures extends RunRecord {
  readonly ms: number;
  /** Waiting plus running of finished tool calls. */
  readonly latencyMs: { readonly p50: number | undefined; readonly p99: number | undefined };
  /** Answered from the cache. */
  readonly cached: { readonly turns: number; readonly toolCalls: number };
}

/** What the tools' own ledger and history say about the same calls. */
export interface LedgerCheck {
  readonly lost: number;
  readonly duplicated: number;
}

/** A call that ran and of which history has nothing. */
export interface UnrecordedCall {
  readonly agent: number;
  /** The `n` of its call id. */
  readonly call: number;
}
