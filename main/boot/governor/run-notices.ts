import type { Fleets, LiveRun } from '../../../runtime/fleet/fleets.ts';
import type { Clock } from '../../../runtime/time/clock.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';

/** Puts a sentence for people into the notices of the live runs that `concerns` answers for; of all unless told. */
export type TellRuns = (level: 'info' | 'warning', text: string, concerns?: (run: LiveRun) => boolean) => void;

/** Tells live runs of what happens around them. */
export function createRunNotices(fleets: Pick<Fleets, 'list'>, sink: EventSink, clock: Pick<Clock, 'nowMs'>): TellRuns {
  return (level, text, concerns = () => true) => {
    for (const { runId } of fleets.list().filter((run) => concerns(run)))
      sink.emit({ type: 'notice', runId, atMs: clock.nowMs(), level, text });
  };
}
