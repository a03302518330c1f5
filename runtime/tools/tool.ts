import type { z } from 'zod';
import type { LaneName } from '../admission/gate.ts';
import type { ToolCallState } from '../../shared/model/states.ts';
import type { AppError, ErrorData } from '../../shared/errors/app-error.ts';
import type { ToolSchema } from '../../shared/model/conversation.ts';
import type { CallId } from '../../shared/model/ids.ts';
import type { KnowledgeMemory } from '../knowledge/knowledge-memory.ts';
import type { FleetFile } from '../../shared/fleet/fleet-schema.ts';

/** Something that is denied unless the fleet file's `allow` names it. */
export type Permission = FleetFile['allow'][number];

/** Limits on the calls of a run that may change while it lives; a call goes by what holds when it starts. */
export interface ToolSettings {
  /** Output kept of one call; what is more is cut, with a marker. */
  readonly maxOutputBytes: number;
  /** Limit on the time a tool runs, without what it waited for its lane. */
  readonly timeoutMs: number;
  /** Names of tools that are switched off; those of no tool mean nothing. */
  readonly off: ReadonlySet<string>;
}

/** What a tool knows of the call it serves. */
export interface ToolContext {
  readonly callId: CallId;
  /** Aborted when the call is cancelled or its deadline passes. */
  readonly signal: AbortSignal;
  /** Absolute root of the workspace, links resolved. */
  readonly workspace: string;
  /** What the fleet file allows beyond reading. */
  readonly allow: ReadonlySet<Permission>;
  /** Bytes of output kept; a tool that streams stops collecting there. */
  readonly maxOutputBytes: number;
  /** Time the tool may take from its start; then its signal aborts. */
  readonly timeoutMs: number;
  /** What the fleet's documents say, where it has some. */
  readonly knowledge?: KnowledgeMemory | undefined;
  /** Whether the output should say what it was made from, where the tool can. */
  readonly wantsBasis: boolean;
  /** Tells a person something; the same text once a run. */
  notice(text: string): void;
}

/** What a tool produced, before the cap. */
export interface ToolOutput {
  readonly text: string;
  /** When the tool itself cut its output: its size before. */
  readonly outputBytes?: number;
  /** Why it failed, when there is something to read all the same: what a program printed before its time was used up. */
  readonly error?: AppError;
  /** What it was made from, as the tool's `basis` tells it; absent when that changed meanwhile, or cannot be told. */
  readonly basis?: string;
}

/** How it is found out whether an output still holds. */
interface Basis<Input> {
  /** The lane its `look` is admitted to. */
  readonly lane: LaneName;
  /**
   * What an output for this input would be made from now: every change of it, and nothing else, gives another text. Much
   * cheaper than running the tool. `undefined` when it cannot be told. A failure is the tool's to tell, which is run then.
   */
  look(input: Input, context: ToolContext): Promise<string | undefined>;
}

/** A tool a model may call. `Input` is checked before `run` is called. */
export interface Tool<Input = unknown> {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  /** The lane its `run` is admitted to. */
  readonly lane: LaneName;
  /** What the fleet's `allow` must name for it; absent for tools that only read. */
  readonly needs?: Permission;
  /** Whether running it twice does what running it once does. */
  readonly repeatable: boolean;
  /** Of a repeatable tool whose outputs may be given again while what they were made from is the same. */
  readonly basis?: Basis<Input>;
  /** @throws {AppError} what went wrong, in a sentence for the model. */
  run(input: Input, context: ToolContext): Promise<ToolOutput>;
}

/** A call as a session hands it over. */
export interface ToolCall {
  readonly callId: CallId;
  readonly tool: string;
  readonly argumentsJson: string;
  /** `<run id>/<agent index>`. */
  readonly owner: string;
  readonly signal: AbortSignal;
}

/** How a call ended: always a value; a failure of the tool is for the model to read. */
export interface ToolCallResult {
  readonly state: Extract<ToolCallState, 'done' | 'failed' | 'denied' | 'cancelled'>;
  /** Capped, with a marker when something was cut. */
  readonly output: string;
  readonly outputBytes: number;
  /** Until the tool started, or until the result of a call that never did. */
  readonly waitMs: number;
  /** From asking the gate to the result, `waitMs` included. */
  readonly ms: number;
  readonly error?: ErrorData;
  /** The tool did not run: what an equal call came to was answered again. */
  readonly cached?: boolean;
}

/** The tools of one run: checks, permission, admission, cap, time limit and ledger around each call. */
export interface RunTools extends AsyncDisposable {
  /** Those of `names` that exist, as offered to a model. */
  schemas(names: readonly string[]): readonly ToolSchema[];
  /** Whether the tool declares that running it twice does what running it once does; `false` for an unknown one. */
  isRepeatable(tool: string): boolean;
  /**
   * Runs one call through the gate. `LANE_SATURATED` is waited out with backoff; every other failure is a result.
   * Never rejects, except with a defect.
   */
  call(call: ToolCall): Promise<ToolCallResult>;
  /** Resolves when the ids of all calls that have begun are in the ledger's file. */
  flush(): Promise<void>;
}

/** Where the innermost step of every tool writes the id of the call it is about to run, or to answer from the cache. */
export interface CallLedger extends AsyncDisposable {
  /** Appends one line; durable in the file within 100 ms and when closed. */
  write(callId: CallId): void;
  /** Resolves when everything written so far is in the file, or cannot be. */
  flush(): Promise<void>;
}
