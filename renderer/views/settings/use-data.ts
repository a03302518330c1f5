import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { OutputOf } from '../../../shared/contract/contract.ts';
import type { history } from '../../../shared/contract/history.ts';
import { useConnection } from '../../rpc/host-context.tsx';
import type { Loaded } from '../../rpc/loaded.ts';
import { toLoaded, useHostQuery } from '../../rpc/queries.ts';

/** What history takes on the disk. */
export type HistorySize = OutputOf<(typeof history)['entries']['size']>;

/** A table and what it takes. */
export type TableSize = OutputOf<(typeof history)['entries']['sizeByTable']>['tables'][number];

/** Asked about as often as the foot of the window hears of it, so that the two say the same. */
const SIZE_MS = 2_000;

/** How large history is. */
export function useHistorySize(): Loaded<HistorySize> {
  return useHostQuery({
    key: ['history', 'size'],
    ask: (host, signal) => host.calls.history.size({}, { signal }),
    everyMs: SIZE_MS,
  });
}

/** Sizes by table: measured only when they are asked for, since the whole database is read for them. */
export interface TableSizes {
  /** `undefined` until they are asked for. */
  readonly sizes: Loaded<readonly TableSize[]> | undefined;
  readonly measure: () => void;
  /** Ends the measuring, as leaving the page does. */
  readonly cancel: () => void;
}

/** How large each table of history is. */
export function useTableSizes(): TableSizes {
  const connection = useConnection();
  /** Which time it is measured; `undefined`: not now. */
  const [time, setTime] = useState<number>();
  const { data, error, dataUpdatedAt, isPending, refetch } = useQuery<readonly TableSize[]>({
    // No command makes it stale, and nothing but a person has it measured again.
    queryKey: ['table sizes', time],
    enabled: time !== undefined,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    queryFn: async ({ signal }) => (await (await connection.host()).calls.history.sizeByTable({}, { signal })).tables,
  });
  const sizes = toLoaded({ data, error, dataUpdatedAt, isPending, isOld: false, refetch: () => void refetch() });
  return {
    sizes: time === undefined ? undefined : sizes,
    measure: () => setTime((time ?? 0) + 1),
    cancel: () => setTime(undefined),
  };
}
