import type { AgentPlan, FleetPlan } from '../../../shared/fleet/fleet-schema.ts';
import type { RunId } from '../../../shared/model/ids.ts';
import type { AgentContext, AgentEnd } from '../../agent/agent-context.ts';
import type { RecordedSession } from '../../agent/recorded-session.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { EarlierLives } from './run-standing.ts';

/** Runs one agent of any kind to its end; rejects only with a defect. */
export type RunAgent = (
  plan: AgentPlan,
  context: AgentContext,
  recorded: RecordedSession | undefined,
) => Promise<AgentEnd>;

/** How a run is set going. */
export interface RunStart {
  readonly runId: RunId;
  readonly plan: FleetPlan;
  /** Of a run that is resumed. */
  readonly earlier?: EarlierLives | undefined;
  /** Those of the plan that are to run now. */
  readonly agents: readonly AgentPlan[];
  readonly recorded: ReadonlyMap<number, RecordedSession>;
  /** Everything of an agent's context but what the run itself provides. */
  readonly context: Omit<AgentContext, 'control' | 'signal' | 'runId'>;
  readonly runAgent: RunAgent;
  /** Where the figures of the process come from; without it they are not in the run's. */
  readonly metrics?: Pick<Metrics, 'latest'>;
}
