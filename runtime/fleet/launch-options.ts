import type { EventSink } from '../../shared/events/event-sink.ts';
import type { FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { Gate } from '../admission/gate.ts';
import type { AskSettings, PriceOf } from '../agent/agent-context.ts';
import type { RecordedSession } from '../agent/recorded-session.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time/clock.ts';
import type { RunTools } from '../tools/tool.ts';
import type { EarlierLives } from './live/run-standing.ts';
import type { RunAgent } from './live/run-start.ts';
import type { ProviderSource } from './provider-binding.ts';

/** How a plan is launched. */
export interface LaunchOptions {
  /** Only these agents; all when absent. */
  readonly only?: ReadonlySet<number>;
  /**
   * Continues a run: same id, agents from their recorded sessions. Those in a final state are not started, unless
   * `only` names them: then they begin anew.
   */
  readonly resume?: {
    readonly runId: RunId;
    readonly sessions: AsyncIterable<RecordedSession>;
    readonly earlier: EarlierLives;
  };
}

/** What the runtime is handed to launch fleets with. */
export interface FleetsPorts {
  readonly gate: Gate;
  readonly clock: Clock;
  readonly sink: EventSink;
  /** Asks each second for the figures of every live run; without it a run has one row of figures, at its end. */
  readonly metrics?: Pick<Metrics, 'latest' | 'add'>;
  readonly providers: ProviderSource;
  readonly priceOf: (plan: FleetPlan) => PriceOf;
  /** Opens the tools of one run. @throws {AppError} TOOL_UNKNOWN */
  readonly openTools: (run: { readonly runId: RunId; readonly plan: FleetPlan }) => Promise<RunTools>;
  readonly runAgent: RunAgent;
  readonly askSettings: () => AskSettings;
  /** Version of the settings in force, recorded with the run. */
  readonly settingsVersion: () => number;
  /** Between asking a run to stop and forcing it, when the program closes. */
  readonly closeDeadlineMs: number;
}
