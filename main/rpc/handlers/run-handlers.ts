import type { HandlersOf, InstanceParts } from './instance-parts.ts';
import { notYet } from './not-yet.ts';

/** Runs, live and recorded. */
export function runHandlers({ plane, journal, settings }: InstanceParts): HandlersOf<'runs'> {
  const stopDeadlineMs = (given: number | undefined): number => given ?? settings.values()['agents.stopDeadlineMs'];
  return {
    list: () => ({ runs: journal.list() }),
    progress: ({ runId }) => journal.progress(runId),
    pause({ runId }) {
      journal.progress(runId);
      plane.fleets.pause(runId, 'paused by the operator');
      return journal.progress(runId);
    },
    resume({ runId, budget }) {
      journal.progress(runId);
      plane.fleets.resume(runId, budget);
      return journal.progress(runId);
    },
    async stop({ runId, deadlineMs }) {
      journal.progress(runId);
      await plane.fleets.stop(runId, stopDeadlineMs(deadlineMs));
      return journal.progress(runId);
    },
    async stopAll({ deadlineMs }) {
      const live = journal.live();
      await Promise.all(live.map(({ runId }) => plane.fleets.stop(runId, stopDeadlineMs(deadlineMs))));
      return { runs: live.map(({ runId }) => journal.progress(runId)) };
    },
    watch: ({ runId }, { signal }) => journal.watch(runId, signal),
    get: notYet,
    agents: notYet,
    figures: notYet,
    log: notYet,
    earlierLog: notYet,
    times: notYet,
    pauseAll: notYet,
    resumeAll: notYet,
    pauseAgent: notYet,
    resumeAgent: notYet,
    stopAgent: notYet,
  };
}
