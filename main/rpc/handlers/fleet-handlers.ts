import type { HandlersOf, InstanceParts } from './instance-parts.ts';
import { notYet } from './not-yet.ts';

/** Fleet files: known ones, their text, their mistakes, their launch. */
export function fleetHandlers({ plane, journal }: InstanceParts): HandlersOf<'fleets'> {
  return {
    async launch(request) {
      const { run, resultsPath } = await plane.launch(request);
      journal.attach(run);
      // An id that was told is one that history finds; a disk that is full is told by the run itself.
      await plane.history.flush().catch(() => undefined);
      const { runId, fleet, agents } = run.progress();
      return { runId, fleet, agents, ...(resultsPath === undefined ? {} : { resultsPath }) };
    },
    validate: async (request) => ({ problems: [...(await plane.validate(request))] }),
    known: notYet,
    read: notYet,
    write: notYet,
    forget: notYet,
    browse: notYet,
  };
}
