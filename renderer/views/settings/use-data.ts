import type { OutputOf } from '../../../shared/contract/contract.ts';
import type { history } from '../../../shared/contract/history.ts';
import type { Loaded } from '../../rpc/loaded.ts';
import { useHostQuery } from '../../rpc/queries.ts';

/** The database's size, by table. */
export type HistorySize = OutputOf<(typeof history)['entries']['size']>;

/** How large history is; measured anew each time the section is opened. */
export function useHistorySize(): Loaded<HistorySize> {
  return useHostQuery({
    key: ['history', 'size'],
    ask: (host, signal) => host.calls.history.size({}, { signal }),
  });
}
