import type { ProviderDefinition } from '../../shared/fleet/fleet-schema.ts';
import type { Usage } from '../../shared/model/conversation.ts';
import type { PriceOf } from '../../runtime/agent/agent-context.ts';
import { isLocalProvider } from './built-in-providers.ts';
import { PRICE_TABLES, type ModelPrice } from './price-table.ts';

const TOKENS_PER_PRICE = 1_000_000;

/** Providers that charge nothing: their price is known, and it is 0. */
const FREE: ModelPrice = { input: 0, output: 0 };

/** What may follow a listed id: the date of a snapshot, or `-latest`. `gpt-5-pro` is not `gpt-5` at another date. */
const SNAPSHOT = /^(-\d{8}|-\d{4}-\d{2}-\d{2}|-latest|@\d{8})$/;

/**
 * The price of a model in a provider's table: by its exact id, else by the longest id it continues with a snapshot's
 * date; `undefined` when the table does not know it.
 */
export function findPrice(provider: string, model: string): ModelPrice | undefined {
  if (provider !== 'openai' && provider !== 'anthropic') return undefined;
  const { models } = PRICE_TABLES[provider];
  if (Object.hasOwn(models, model)) return models[model];
  const base = Object.keys(models)
    .filter((id) => model.startsWith(id) && SNAPSHOT.test(model.slice(id.length)))
    .toSorted((a, b) => b.length - a.length)[0];
  return base === undefined ? undefined : models[base];
}

/** What `usage` costs in US dollars; `undefined` when the provider did not count both input and output. */
export function toCostUsd(price: ModelPrice, usage: Usage): number | undefined {
  const { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteInputTokens = 0 } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const rate = price.long !== undefined && inputTokens > price.long.overInputTokens ? price.long : price;
  const plain = Math.max(0, inputTokens - cachedInputTokens - cacheWriteInputTokens);
  const sum =
    plain * rate.input +
    cachedInputTokens * (rate.cachedInput ?? rate.input) +
    cacheWriteInputTokens * (rate.cacheWrite ?? rate.input) +
    outputTokens * rate.output;
  return sum / TOKENS_PER_PRICE;
}

/**
 * The runtime's price port: a fleet's own price first, then the built-in tables; local and simulated providers charge
 * nothing. A model nobody knows the price of has none.
 *
 * @param findDefinition The definition a fleet gives a provider, when it gives one.
 */
export function createPriceOf(
  findDefinition: (provider: string) => ProviderDefinition | undefined = () => undefined,
): PriceOf {
  return (provider, model, usage) => {
    const price = priceFor(provider, model, findDefinition(provider));
    return price && toCostUsd(price, usage);
  };
}

/** The price of a model: the one its definition gives, else that of the tables, 0 on this machine; `undefined` when nobody knows it. */
export function priceFor(
  provider: string,
  model: string,
  definition: ProviderDefinition | undefined,
): ModelPrice | undefined {
  return findOwnPrice(definition) ?? findBuiltInPrice(provider, model);
}

/** Whether a provider charges nothing for any model: simulated, on this machine, or priced at 0 by its definition. */
export function isFreeProvider(provider: string, definition: ProviderDefinition | undefined): boolean {
  const own = findOwnPrice(definition);
  if (own) return own.input === 0 && own.output === 0;
  return definition === undefined && findBuiltInPrice(provider, '') === FREE;
}

function findOwnPrice(definition: ProviderDefinition | undefined): ModelPrice | undefined {
  const price = definition?.price;
  return price && { input: price.inputPerMillion, output: price.outputPerMillion };
}

function findBuiltInPrice(provider: string, model: string): ModelPrice | undefined {
  return provider === 'sim' || isLocalProvider(provider) ? FREE : findPrice(provider, model);
}
