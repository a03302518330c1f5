import type { OutputOf } from '../../shared/contract/contract.ts';
import type { app } from '../../shared/contract/app.ts';
import type { Loaded } from '../rpc/loaded.ts';
import { useHostQuery } from '../rpc/queries.ts';

/** What the program says of itself and its machine. */
export type About = OutputOf<(typeof app)['entries']['about']>;

/** What the program says of itself; but for its log the same as long as it runs. */
export function useAbout(): Loaded<About> {
  return useHostQuery({ key: ['about'], ask: (host, signal) => host.calls.app.about({}, { signal }) });
}
