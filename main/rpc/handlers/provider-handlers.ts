import { getProviderEntry, listProviders } from '../../providers/provider-list.ts';
import type { HandlersOf, InstanceParts } from './instance-parts.ts';

/** Providers that come with the program, and their keys. */
export function providerHandlers({ plane, keys, environment }: InstanceParts): HandlersOf<'providers'> {
  return {
    list: async () => ({ providers: await listProviders(environment, keys) }),
    check: ({ name }, { signal }) => plane.checkProvider(name, signal),
    async setKey({ name, key }) {
      await keys.keep(name, key);
      return await getProviderEntry(name, environment, keys);
    },
    async removeKey({ name }) {
      await keys.remove(name);
      return await getProviderEntry(name, environment, keys);
    },
  };
}
