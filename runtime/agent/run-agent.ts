import { AppError } from '../../shared/errors/app-error.ts';
import type { AgentPlan, CommandAgentPlan, FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import { toCacheScope } from '../cache/named/cache-key.ts';
import type { NamedCaches } from '../cache/named/named-caches.ts';
import type { Processes } from '../processes/owned-process.ts';
import type { AgentCaches, AgentContext, AgentEnd } from './agent-context.ts';
import { createAgentState, finalStateOf } from './agent-state.ts';
import { runCommandAgent } from './command-agent.ts';
import { runModelAgent } from './model-agent.ts';
import type { RecordedSession } from './recorded-session.ts';

/** What agents need beside the context of their run. */
export interface AgentPorts extends CommandAgentPorts {
  /** Without them every request is asked and every context stays with its agent. */
  readonly caches?: Pick<NamedCaches, 'modelAnswers' | 'sessionContexts'> | undefined;
}

/** What command agents need of it. */
interface CommandAgentPorts {
  readonly processes: Processes;
  /** The environment that agents may be handed variables from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly settings: () => { readonly maxOutputBytes: number; readonly stopGraceMs: number };
}

/** Runs one agent of any kind to its end. @throws {AppError} INTERNAL only, for a defect. */
export function runAgent(
  ports: AgentPorts,
  plan: AgentPlan,
  context: AgentContext,
  recorded?: RecordedSession,
): Promise<AgentEnd> {
  if (plan.kind !== 'model') return runProgram(ports, plan, context);
  return runModelAgent(plan, { ...context, caches: toAgentCaches(ports.caches, context.plan) }, recorded);
}

function toAgentCaches(caches: AgentPorts['caches'], fleet: FleetPlan): AgentCaches | undefined {
  if (caches === undefined) return undefined;
  const answers = fleet.cache.modelAnswers ? { cache: caches.modelAnswers, scope: toCacheScope(fleet) } : undefined;
  return { answers, contexts: caches.sessionContexts };
}

/** A program has no turns: it starts anew when its run is resumed, and is `running tools` while it lives. */
async function runProgram(ports: CommandAgentPorts, plan: CommandAgentPlan, context: AgentContext): Promise<AgentEnd> {
  const state = createAgentState({ runId: context.runId, agent: plan.index }, context);
  const passCheckpoint = (): Promise<void> | undefined =>
    context.control.checkpoint((reason) => state.enter('paused', { reason }));
  try {
    await passCheckpoint();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return end(state, { stop: { kind: 'stopped', by: 'operator' }, answer: '' });
  }
  const run = (): void => state.enter('running tools', { reason: plan.command[0] });
  run();
  const { processes, environment, settings } = ports;
  const { stop, answer } = await runCommandAgent(plan, {
    processes,
    gate: context.gate,
    workspace: context.plan.workspace,
    clock: context.clock,
    owner: `${context.runId}/${plan.index}`,
    // A program has no checkpoint: it is asked to end when the run begins to stop, and forced after its own grace.
    signal: context.control.stopping,
    minutes: plan.minutes ?? context.limits.minutes,
    environmentSource: environment,
    checkpoint: () => passCheckpoint()?.then(run),
    ...(context.onOutput && { onOutput: context.onOutput }),
    ...settings(),
  });
  return end(state, { stop, answer });
}

function end(state: ReturnType<typeof createAgentState>, result: AgentEnd): AgentEnd {
  state.enter(finalStateOf(result.stop), result);
  return result;
}
