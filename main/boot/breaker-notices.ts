import type { Breakers, BreakerSubject } from '../../runtime/admission/breaker/breakers.ts';
import type { Fleets, LiveRun } from '../../runtime/fleet/fleets.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import type { EventSink } from '../../shared/events/event-sink.ts';
import type { Log } from './log.ts';

/** Who hears of breakers. */
interface Hearers {
  readonly fleets: Pick<Fleets, 'list'>;
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly log: Log;
}

/** Tells each run whose calls a breaker holds back, or lets through again, and the log; until it is disposed of. */
export function tellOfBreakers(breakers: Breakers, { fleets, sink, clock, log }: Hearers): Disposable {
  return breakers.onChange(({ state, reason }, subject) => {
    log.warn({ breaker: subject.name, state, runId: subject.runId }, reason);
    const level = state === 'open' ? 'warning' : 'info';
    for (const { runId } of fleets.list().filter((run) => concerns(run, subject)))
      sink.emit({ type: 'notice', runId, atMs: clock.nowMs(), level, text: reason });
  });
}

function concerns({ runId, plan }: LiveRun, subject: BreakerSubject): boolean {
  if (subject.runId !== undefined) return subject.runId === runId;
  return plan.agents.some((agent) => agent.kind === 'model' && agent.provider === subject.provider);
}
