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
    async size() {
      const tables = await reader.size();
      const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
      return { path: historyPath(dataDir), bytes, tables: [...tables] };
    },
  };
}

/** The run without what only its own page shows. */
function toRecordedRun(record: RunRecord): RecordedRun {
  const { workspace: _workspace, settingsVersion: _settingsVersion, error: _error, ...run } = record;
  return run;
}
