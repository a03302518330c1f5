import type { ProviderEntry } from '../../shared/contract/providers.ts';
import { BUILT_IN_PROVIDERS as NAMES } from '../../shared/fleet/fleet-schema.ts';
import { BUILT_IN_PROVIDERS } from './built-in-providers.ts';
import type { ProviderKeys } from './provider-keys.ts';
import type { Environment } from './provider-lookup.ts';

/** The providers every fleet may name, in the order in which the documents name them. */
export async function listProviders(environment: Environment, keys: ProviderKeys): Promise<ProviderEntry[]> {
  return await Promise.all(NAMES.map((name) => getProviderEntry(name, environment, keys)));
}

/** One of them. @throws {AppError} PROVIDER_UNKNOWN */
export async function getProviderEntry(
  name: string,
  environment: Environment,
  keys: ProviderKeys,
): Promise<ProviderEntry> {
  const key = await keys.sourceOf(name);
  const builtIn = BUILT_IN_PROVIDERS[name];
  // The simulated one gets its address when it is started.
  if (!builtIn) return { name, protocol: 'openai', baseUrl: '', place: 'simulated', key };
  const { definition, baseUrlFrom, local } = builtIn;
  const { protocol, keyFrom } = definition;
  // As it stands there, right or wrong: the check says what is wrong with it.
  const replaced = baseUrlFrom === undefined ? undefined : environment[baseUrlFrom]?.trim();
  return {
    name,
    protocol,
    baseUrl: replaced || definition.baseUrl,
    place: local ? 'local' : 'cloud',
    ...(keyFrom === undefined ? {} : { keyFrom }),
    key,
  };
}
