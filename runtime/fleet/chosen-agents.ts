import { AppError } from '../../shared/errors/app-error.ts';
import type { FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import { isFinalAgentState, type AgentKind } from '../../shared/model/states.ts';
import type { RecordedSession } from '../agent/recorded-session.ts';
import type { LaunchOptions } from './launch-options.ts';
import type { RunStart } from './live/run-start.ts';

/** Which agents run now, and what is known of all of them. @throws {AppError} RUN_NOT_RESUMABLE when none is left. */
export async function chooseAgents(
  plan: FleetPlan,
  options: LaunchOptions,
): Promise<Pick<RunStart, 'agents' | 'recorded'>> {
  const recorded = new Map<number, RecordedSession>();
  for await (const session of options.resume?.sessions ?? []) {
    const isAnew =
      options.only?.has(session.agent) === true &&
      isFinalAgentState(session.state) &&
      session.state !== 'interrupted' &&
      session.state !== 'stopped';
    recorded.set(
      session.agent,
      isAnew ? { ...session, state: 'queued', answer: '', elapsedMs: 0, messages: [], unknownCalls: [] } : session,
    );
  }
  const agents = plan.agents.filter(({ index, kind }) => {
    if (options.only && !options.only.has(index)) return false;
    const session = recorded.get(index);
    return session === undefined || isOpen(session, kind);
  });
  if (options.resume && agents.length === 0)
    throw new AppError('RUN_NOT_RESUMABLE', `Run ${options.resume.runId} has no agent left to run.`);
  const toRun = new Set(agents.map(({ index }) => index));
  // Of those that do not run only the figures are needed; their conversations may be large.
  for (const [index, session] of recorded)
    if (!toRun.has(index)) recorded.set(index, { ...session, answer: '', messages: [], unknownCalls: [] });
  return { agents, recorded };
}

/** Whether a session has something left to do: it was cut short, or failed before its model had answered even once. */
function isOpen({ state, turns }: RecordedSession, kind: AgentKind): boolean {
  if (!isFinalAgentState(state) || state === 'interrupted' || state === 'stopped') return true;
  return kind === 'model' && state === 'failed' && turns === 0;
}
