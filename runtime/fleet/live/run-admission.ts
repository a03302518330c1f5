import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { AgentPlan } from '../../../shared/fleet/fleet-schema.ts';
import type { AgentIndex } from '../../../shared/model/ids.ts';
import type { LaneName } from '../../admission/gate.ts';
import { ALL_RUNS_LANE } from '../live-run.ts';
import { createStopError } from './run-hold.ts';
import type { RunStart } from './run-start.ts';

/** Agents announced before room for their events is asked for again. */
const ANNOUNCE_BATCH = 500;

/** Agents submitted before the event loop comes round again. */
const ADMIT_BATCH = 100;

/** Tells history of every agent that is to run and is not known from an earlier life of the run. */
export async function announceAgents(
  { runId, agents, recorded, context }: RunStart,
  sink: EventSink,
  onAnnounced: (agent: AgentIndex) => void,
): Promise<void> {
  for (const [position, plan] of agents.entries()) {
    if (position % ANNOUNCE_BATCH === 0) {
      await sink.room();
      await context.slices.pass();
    }
    const { index: agent, name, kind, prompt } = plan;
    if (!recorded.has(agent)) {
      const system = plan.kind === 'model' ? plan.system : '';
      sink.emit({ type: 'agent.added', runId, atMs: context.clock.nowMs(), agent, name, kind, system, prompt });
    }
    onAnnounced(agent);
  }
}

/** What admits the agents of a run. */
export interface AdmissionParts {
  readonly isStopping: (agent: AgentIndex) => boolean;
  /** Resolves when no agent is left. */
  readonly ended: Promise<void>;
  /** An agent's whole life; never rejects. */
  readonly runOne: (plan: AgentPlan) => Promise<void>;
  /** Called for each agent that the gate refused or that was to end before it was submitted. */
  readonly endUnstarted: (plan: AgentPlan, error: unknown) => void;
}

/** Submits each agent to the run's own lane and, inside it, to the lane of all runs; resolves when all are submitted. */
export async function admitAgents({ runId, agents, plan: fleet, context }: RunStart, parts: AdmissionParts) {
  const lane: LaneName = `run:${runId}`;
  const opened = context.gate.openLane(lane, {
    maxRunning: fleet.limits.concurrentAgents,
    queueCapacity: agents.length,
  });
  void parts.ended.then(() => opened[Symbol.dispose]());
  for (const [position, plan] of agents.entries()) {
    if (position % ADMIT_BATCH === 0) await context.slices.pass();
    if (parts.isStopping(plan.index)) {
      // One that was not submitted yet could not be cancelled at the gate.
      parts.endUnstarted(plan, createStopError());
      continue;
    }
    const owner = `${runId}/${plan.index}`;
    const inAllRuns = (): Promise<void> => context.gate.submit(ALL_RUNS_LANE, () => parts.runOne(plan), { owner });
    context.gate.submit(lane, inAllRuns, { owner }).catch((error: unknown) => parts.endUnstarted(plan, error));
  }
}
