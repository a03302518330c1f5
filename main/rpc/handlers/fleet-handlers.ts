import { browseFolder } from '../../fleets/browse-folder.ts';
import { listExamples } from '../../fleets/example-fleets.ts';
import { readFleetHead } from '../../fleets/fleet-head.ts';
import { parseFleetPath } from '../../fleets/fleet-path.ts';
import { readFleetText, writeFleetText } from '../../fleets/fleet-text.ts';
import { listKnownFleets } from '../../fleets/known-fleets.ts';
import type { HandlersOf, InstanceParts } from './instance-parts.ts';

/** Fleet files: known ones, their text, their mistakes, their launch. */
export function fleetHandlers({ plane, journal, added }: InstanceParts): HandlersOf<'fleets'> {
  return {
    async launch(request) {
      const { run, resultsPath } = await plane.launch(request);
      journal.attach(run);
      // An id that was told is one that history finds; a disk that is full is told by the run itself.
      await plane.history.flush().catch(() => undefined);
      const { runId, fleet, agents } = run.progress();
      return { runId, fleet, agents, ...(resultsPath === undefined ? {} : { resultsPath }) };
    },
    validate: (request) => plane.validate(request),
    async known() {
      const { reader } = plane.history;
      return { fleets: await listKnownFleets({ examples: listExamples, added, history: reader }) };
    },
    read: ({ path }) => readFleetText(path),
    async ofRun({ runId }) {
      const { fleetPath, fleetText } = await plane.history.reader.runSource(runId);
      return { path: fleetPath, text: fleetText, exists: (await readFleetHead(fleetPath)).exists };
    },
    async write(request) {
      const written = await writeFleetText(request);
      // The file is saved; that it cannot be remembered must not look as if it were not.
      await added.add(written.path).catch(() => undefined);
      return written;
    },
    async add({ path }) {
      const { path: file } = await readFleetText(path);
      await added.add(file);
      return { added: true };
    },
    forget: async ({ path }) => ({ forgotten: await added.forget(parseFleetPath(path)) }),
    browse: ({ folder }) => browseFolder(folder),
  };
}
