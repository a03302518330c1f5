import type { EventSink } from '../../shared/events/event-sink.ts';
import type { FleetLimits, FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import type { StopReason, Usage } from '../../shared/model/conversation.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { Gate, LaneName } from '../admission/gate.ts';
import type { TokenBucket } from '../admission/token-bucket.ts';
import type { CacheScope } from '../cache/named/cache-key.ts';
import type { NamedCache } from '../cache/named/named-cache.ts';
import type { SessionContexts } from '../cache/named/session-contexts.ts';
import type { ModelReply, Provider } from '../providers/provider.ts';
import type { BackoffOptions } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import type { Slices } from '../time/slices.ts';
import type { RunTools } from '../tools/tool.ts';

/** What a model costs; `undefined` when no price is known. */
export type PriceOf = (provider: string, model: string, usage: Usage) => number | undefined;

/** One lane a request passes, and the pace that is charged with what it really used. */
export interface ProviderPass {
  readonly lane: LaneName;
  readonly pace?: TokenBucket;
}

/** A provider as a run uses it: the connection set, and the lanes a request passes on its way, outermost first. */
export interface BoundProvider {
  readonly provider: Provider;
  readonly passes: readonly ProviderPass[];
}

/** Limits on asking that belong to the program, not to the fleet file; read anew for each turn. */
export interface AskSettings {
  readonly requestTimeoutMs: number;
  readonly maxAttempts: number;
  readonly backoff: BackoffOptions;
}

/** The run around an agent: what may hold it up and what it counts towards. */
export interface RunControl {
  /** Aborts when the run begins to stop: what cannot wait for a checkpoint ends by itself now. Its reason is TASK_CANCELLED. */
  readonly stopping: AbortSignal;
  /**
   * Passed before each turn: resolves when the agent may go on, `undefined` at once when nothing holds it.
   * Waits while the run is paused; `onPause` is called when it starts to wait.
   *
   * @throws {AppError} TASK_CANCELLED when the run is stopping.
   */
  checkpoint(onPause: (reason: string) => void): Promise<void> | undefined;
  /** Counts what a turn used; may pause the run when its budget is used up. */
  spend(usage: Usage | undefined, costUsd: number | undefined): void;
  countTurn(): void;
  countRetry(): void;
  countToolCall(failed: boolean): void;
}

/** What agents of one run find answers and leave their contexts in. */
export interface AgentCaches {
  /** Absent when the fleet does not want answers to be given again. */
  readonly answers?: { readonly cache: NamedCache<ModelReply>; readonly scope: CacheScope } | undefined;
  readonly contexts: SessionContexts;
}

/** Everything an agent of one run works with. */
export interface AgentContext {
  readonly runId: RunId;
  readonly clock: Clock;
  /** Passed before each turn, so that agents answered from memory cannot hold the event loop. */
  readonly slices: Slices;
  readonly gate: Gate;
  readonly sink: EventSink;
  /** The fleet this agent belongs to. */
  readonly plan: FleetPlan;
  readonly limits: FleetLimits;
  readonly control: RunControl;
  readonly priceOf: PriceOf;
  readonly providers: ReadonlyMap<string, BoundProvider>;
  readonly tools: RunTools;
  /** Without them every request is asked and every context stays with its agent. */
  readonly caches?: AgentCaches | undefined;
  readonly askSettings: () => AskSettings;
  /** Called with each piece of what a program prints, as far as its output is kept. */
  readonly onOutput?: ((text: string) => void) | undefined;
  /** Aborts what is in flight when the run is forced to end; its reason is an `AppError` TASK_CANCELLED. */
  readonly signal: AbortSignal;
}

/** How an agent ended. */
export interface AgentEnd {
  readonly stop: StopReason;
  readonly answer: string;
}
