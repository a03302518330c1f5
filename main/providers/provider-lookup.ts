import { AppError } from '../../shared/errors/app-error.ts';
import { findNearestWord } from '../../shared/errors/nearest-word.ts';
import type { ProviderDefinition } from '../../shared/fleet/fleet-schema.ts';
import { BUILT_IN_PROVIDERS, type BuiltInProvider } from './built-in-providers.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A provider ready to be opened. */
export interface ResolvedProvider {
  readonly name: string;
  readonly definition: ProviderDefinition;
  /** From the variable that the definition names, else the kept one; `undefined` when none is needed. */
  readonly key: string | undefined;
}

/**
 * The definition a name stands for, and its key: the fleet's own first, then the built-in ones.
 *
 * @param kept A key that was kept for the built-in provider of this name; the environment's stands above it.
 * @throws {AppError} PROVIDER_UNKNOWN with the nearest name, PROVIDER_KEY_MISSING with the variable to set,
 * INPUT_INVALID when a variable holds something that is no address.
 */
export function resolveProvider(
  name: string,
  fleetDefinitions: Readonly<Record<string, ProviderDefinition>>,
  environment: Environment,
  kept?: string,
): ResolvedProvider {
  const definition = findDefinition(name, fleetDefinitions, environment);
  if (definition === undefined) throw toUnknown(name, fleetDefinitions);
  return { name, definition, key: findKey(name, definition, environment, kept) };
}

/** The key in a variable; `undefined` when it is not set or has nothing in it. */
export function findKeyIn(environment: Environment, variable: string): string | undefined {
  const key = environment[variable]?.trim();
  return key === '' ? undefined : key;
}

function findDefinition(
  name: string,
  fleetDefinitions: Readonly<Record<string, ProviderDefinition>>,
  environment: Environment,
): ProviderDefinition | undefined {
  if (Object.hasOwn(fleetDefinitions, name)) return fleetDefinitions[name];
  if (!Object.hasOwn(BUILT_IN_PROVIDERS, name)) return undefined;
  const builtIn = BUILT_IN_PROVIDERS[name];
  return builtIn && withAddress(builtIn, environment);
}

function withAddress(builtIn: BuiltInProvider, environment: Environment): ProviderDefinition {
  const { baseUrlFrom, definition } = builtIn;
  const baseUrl = baseUrlFrom === undefined ? undefined : environment[baseUrlFrom]?.trim();
  if (baseUrl === undefined || baseUrl === '') return definition;
  if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new AppError('INPUT_INVALID', `${baseUrlFrom} is not an address; it must begin with http:// or https://.`);
  }
  return { ...definition, baseUrl };
}

function findKey(
  name: string,
  definition: ProviderDefinition,
  environment: Environment,
  kept: string | undefined,
): string | undefined {
  const { keyFrom } = definition;
  if (keyFrom === undefined) return undefined;
  const key = findKeyIn(environment, keyFrom) ?? kept;
  if (key !== undefined) return key;
  throw new AppError(
    'PROVIDER_KEY_MISSING',
    `Provider ${name} needs a key; set the environment variable ${keyFrom} (the desktop also keeps keys, in its settings), or use provider sim, which needs none.`,
    { details: { provider: name, variable: keyFrom } },
  );
}

function toUnknown(name: string, fleetDefinitions: Readonly<Record<string, ProviderDefinition>>): AppError {
  const names = ['sim', ...Object.keys(BUILT_IN_PROVIDERS), ...Object.keys(fleetDefinitions)];
  const nearest = findNearestWord(name, names);
  const hint =
    nearest === undefined
      ? `use one of ${names.join(', ')}, or define it under providers.`
      : `did you mean ${nearest}?`;
  return new AppError('PROVIDER_UNKNOWN', `There is no provider ${name}; ${hint}`, {
    details: { provider: name, ...(nearest === undefined ? {} : { nearest }) },
  });
}
