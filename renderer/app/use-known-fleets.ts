import type { KnownFleet } from '../../shared/contract/fleets.ts';
import type { Loaded } from '../rpc/loaded.ts';
import { useHostQuery } from '../rpc/queries.ts';

/** Fleet files the program knows of, the one run last first. */
export function useKnownFleets(): Loaded<readonly KnownFleet[]> {
  return useHostQuery({
    key: ['fleets', 'known'],
    ask: async (host, signal) => (await host.calls.fleets.known({}, { signal })).fleets,
  });
}
