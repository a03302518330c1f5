import type { Breakers, BreakerSubject } from '../../../runtime/admission/breaker/breakers.ts';
import type { LiveRun } from '../../../runtime/fleet/fleets.ts';
import type { Log } from '../log.ts';
import type { TellRuns } from './run-notices.ts';

/** Tells each run whose calls a breaker holds back, or lets through again, and the log; until it is disposed of. */
export function tellOfBreakers(breakers: Breakers, tell: TellRuns, log: Log): Disposable {
  return breakers.onChange(({ state, reason }, subject) => {
    log.warn({ breaker: subject.name, state, runId: subject.runId }, reason);
    tell(state === 'open' ? 'warning' : 'info', reason, (run) => concerns(run, subject));
  });
}

function concerns({ runId, plan }: LiveRun, subject: BreakerSubject): boolean {
  if (subject.runId !== undefined) return subject.runId === runId;
  return plan.agents.some((agent) => agent.kind === 'model' && agent.provider === subject.provider);
}
