import { historyPath } from '../../history/store/database.ts';
import type { RunRecord } from '../../history/history-records.ts';
import type { RecordedRun } from '../../../shared/contract/history.ts';
import type { HandlersOf, InstanceParts } from './instance-parts.ts';

/** Everything recorded. */
export function historyHandlers({ plane: { history }, dataDir }: InstanceParts): HandlersOf<'history'> {
  const { reader } = history;
  return {
    async runs({ limit, after, states, fleet }) {
      const page = await reader.listRuns({ limit, after, filter: { states, fleet } });
      return { runs: page.runs.map(toRecordedRun), next: page.next };
    },
    async search({ text, ...options }) {
      const { hits, next, wordLag } = await reader.search(text, options);
      return {
        hits: hits.map((hit) => ({ ...hit, marks: hit.marks.map(([start, end]) => [start, end]) })),
        next,
        wordLag,
      };
    },
    async agents({ text, ...options }) {
      const { agents, next } = await reader.findAgents(text, options);
      return { agents: [...agents], next };
    },
    size: async () => ({ path: historyPath(dataDir), ...(await reader.bytes()) }),
    sizeByTable: async (_input, { signal }) => ({ tables: [...(await reader.size(signal))] }),
  };
}

/** The run without what only its own page shows. */
function toRecordedRun(record: RunRecord): RecordedRun {
  const { workspace: _workspace, settingsVersion: _settingsVersion, error: _error, ...run } = record;
  return run;
}
