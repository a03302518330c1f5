import type { Message, StopReason } from '../../shared/model/conversation.ts';
import type { AgentIndex } from '../../shared/model/ids.ts';
import type { AgentState } from '../../shared/model/states.ts';

/** What history knows of an agent's session, enough to go on from its last completed turn. */
export interface RecordedSession {
  readonly agent: AgentIndex;
  readonly state: AgentState;
  readonly answer: string;
  /** Why it ended, where it has. */
  readonly stop?: StopReason;
  /** Completed turns, so that numbers go on. */
  readonly turns: number;
  /** Calls that ended. */
  readonly toolCalls: number;
  /** The highest number given to a call, so that none is given twice; `toolCalls` when absent. */
  readonly lastCall?: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | undefined;
  readonly elapsedMs: number;
  /** When it entered its state (wall clock), where that is known. */
  readonly sinceMs?: number;
  /** The conversation after the first prompt, up to the last completed turn with all its tool results. */
  readonly messages: readonly Message[];
  /** Calls of the last turn that have no result: they were in flight when the program died. */
  readonly unknownCalls: readonly {
    readonly call: number;
    readonly providerCallId: string;
    readonly tool: string;
    readonly argumentsJson: string;
  }[];
}
