import { useInfiniteQuery } from '@tanstack/react-query';
import type { FoundAgent } from '../../../shared/contract/history.ts';
import type { Host } from '../../rpc/connection.ts';
import { useConnection } from '../../rpc/host-context.tsx';
import type { Loaded } from '../../rpc/loaded.ts';
import { toLoaded } from '../../rpc/queries.ts';

/** Agents shown at first: what is said and written stands below them. */
const FIRST_AGENTS = 6;
const MORE_AGENTS = 50;

/** Pages without enough agents after which a person is asked whether to look on: 5,000 names each. */
const MAX_PAGES = 20;

/** Agents that were found by their names so far. */
export interface FoundAgents {
  readonly agents: readonly FoundAgent[];
  readonly hasMore: boolean;
}

/** Agents of all runs, live ones too, whose names hold what was typed, the newest first. */
export function useFoundAgents(text: string): {
  readonly found: Loaded<FoundAgents>;
  readonly more: () => void;
  readonly isLoadingMore: boolean;
} {
  const connection = useConnection();
  const { data, error, isPending, isPlaceholderData, dataUpdatedAt, ...query } = useInfiniteQuery({
    queryKey: ['history', 'agents', text],
    enabled: text !== '',
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) =>
      readAgents(await connection.host(), {
        text,
        after: pageParam,
        wanted: pageParam === undefined ? FIRST_AGENTS : MORE_AGENTS,
        signal,
      }),
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  });
  const found = toLoaded<FoundAgents>({
    data: data && { agents: data.pages.flatMap(({ agents }) => agents), hasMore: query.hasNextPage },
    error,
    isPending,
    dataUpdatedAt,
    isOld: isPlaceholderData,
    refetch: () => void query.refetch(),
  });
  return { found, more: () => void query.fetchNextPage(), isLoadingMore: query.isFetchingNextPage };
}

interface Wish {
  readonly text: string;
  readonly after: string | undefined;
  readonly wanted: number;
  readonly signal: AbortSignal;
}

/** Goes on where a page held less than was asked for: each looks at so many names only. */
async function readAgents(
  host: Host,
  { text, after, wanted, signal }: Wish,
): Promise<{ readonly agents: readonly FoundAgent[]; readonly next: string | undefined }> {
  const agents: FoundAgent[] = [];
  let next = after;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await host.calls.history.agents({ text, limit: wanted - agents.length, after: next }, { signal });
    agents.push(...page.agents);
    next = page.next;
    if (next === undefined || agents.length >= wanted) break;
  }
  return { agents, next };
}
