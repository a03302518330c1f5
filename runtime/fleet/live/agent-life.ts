import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { AgentPlan } from '../../../shared/fleet/fleet-schema.ts';
import type { AgentContext, AgentEnd } from '../../agent/agent-context.ts';
import { recordEnd, tallyOf } from './agent-end.ts';
import type { ProgramTails } from './program-output.ts';
import { createRunControl } from './run-control.ts';
import type { RunHold } from './run-hold.ts';
import type { RunStart } from './run-start.ts';
import type { AgentTally } from './run-tally.ts';
import type { WorkingAgents } from './working-agents.ts';

/** The run that an agent lives in. */
export interface AgentLifeParts {
  readonly start: RunStart;
  readonly sink: EventSink;
  readonly hold: RunHold;
  readonly working: WorkingAgents;
  /** The run's own count. */
  readonly tally: AgentTally;
  /** Takes in what programs print. */
  readonly output: ProgramTails;
  /** Called after each turn that used something. */
  readonly onSpent: () => void;
}

/** What became of an agent: how it ended, all it did, and how long it worked, earlier lives of its run among it. */
export interface AgentLife {
  readonly end: AgentEnd;
  readonly tally: AgentTally;
  readonly ms: number;
}

/** Runs an agent that has its slot from its beginning, or from what is recorded of it, to its end; never rejects. Whoever calls takes it out of `working`. */
export async function liveAgent(plan: AgentPlan, parts: AgentLifeParts): Promise<AgentLife> {
  const { start, sink, hold, working, output, onSpent } = parts;
  const { clock } = start.context;
  const { runId } = start;
  const recorded = start.recorded.get(plan.index);
  const startedMs = clock.monoMs();
  const tally = tallyOf(recorded);
  const { gate } = start.context;
  // Of use only where it differs from what everybody has.
  using _weight = plan.weight === undefined ? undefined : gate.weigh(`${runId}/${plan.index}`, plan.weight);
  const { stopping, signal } = working.add(plan.index);
  const tallies = [tally, parts.tally];
  const control = createRunControl({ agent: plan.index, hold, stopping, tallies, onSpent });
  const onOutput = (text: string): void => output.add(plan.index, text, clock.nowMs());
  const context: AgentContext = { ...start.context, sink, runId, signal, control, onOutput };
  const end = await start
    .runAgent(plan, context, recorded)
    .catch((error: unknown) => recordEnd({ runId, agent: plan.index }, error, { sink, clock }));
  return { end, tally, ms: clock.monoMs() - startedMs + (recorded?.elapsedMs ?? 0) };
}
