import { useInfiniteQuery } from '@tanstack/react-query';
import { toAppError } from '../../../../shared/errors/app-error.ts';
import { useConnection, useReach } from '../../../rpc/host-context.tsx';
import { type Loaded, valueOf } from '../../../rpc/loaded.ts';
import { useHostQuery } from '../../../rpc/queries.ts';
import { type RunFilter, type RunRow, toRunRows, toStates } from './runs-model.ts';

const LIVE_MS = 1_000;
const PAGE_ROWS = 100;

/** The list of runs as far as it is loaded. */
export interface RunList {
  readonly rows: Loaded<readonly RunRow[]>;
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  readonly loadOlder: () => void;
}

/** Live runs, and recorded ones page by page. */
export function useRuns(filter: RunFilter, fleet: string | undefined): RunList {
  const connection = useConnection();
  const isHere = useReach() === 'here';
  const live = useHostQuery({
    key: ['runs', 'list'],
    ask: async (host, signal) => (await host.calls.runs.list({}, { signal })).runs,
    everyMs: LIVE_MS,
  });
  // A run that ended leaves the live ones and is asked for where it is recorded.
  const liveRuns = valueOf(live);
  const liveIds = liveRuns?.map(({ runId }) => runId).join(' ');
  const { data, error, dataUpdatedAt, ...query } = useInfiniteQuery({
    queryKey: ['history', 'runs', filter, fleet, liveIds],
    enabled: liveIds !== undefined || live.kind === 'failed',
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const host = await connection.host();
      const input = { limit: PAGE_ROWS, after: pageParam, states: toStates(filter), fleet };
      return host.calls.history.runs(input, { signal });
    },
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  });
  const older = {
    hasOlder: query.hasNextPage,
    isLoadingOlder: query.isFetchingNextPage,
    loadOlder: () => void query.fetchNextPage(),
  };
  if (data) {
    const recorded = data.pages.flatMap(({ runs }) => runs);
    const value = toRunRows(liveRuns ?? [], recorded, { filter, fleet });
    const isFresh = isHere && error === null;
    return { ...older, rows: isFresh ? { kind: 'ready', value } : { kind: 'stale', value, sinceMs: dataUpdatedAt } };
  }
  if (error === null) return { ...older, rows: { kind: 'loading' } };
  return { ...older, rows: { kind: 'failed', error: toAppError(error), retry: () => void query.refetch() } };
}
