import { basename } from 'node:path';
import type { FleetPreview } from '../../shared/contract/fleets.ts';
import { isAppError } from '../../shared/errors/app-error.ts';
import { BUILT_IN_PROVIDERS } from '../providers/built-in-providers.ts';
import { priceFor } from '../providers/pricing.ts';
import { type Environment, resolveProvider } from '../providers/provider-lookup.ts';
import type { ProviderKeys } from '../providers/provider-keys.ts';
import type { FleetOutline, OutlineGroup } from './fleet-outline.ts';
import { estimateCost } from './preview-cost.ts';
import { toWarnings, type WarningFacts } from './preview-warnings.ts';

/** Groups shown; the sums count all of them. */
const MAX_GROUPS = 1_000;

/** What a preview is made with, beside the fleet. */
export interface PreviewFacts extends Omit<WarningFacts, 'unpricedModels'> {
  readonly environment: Environment;
  readonly keys: Pick<ProviderKeys, 'sourceOf'>;
}

/** What a launch would start. Asks no provider: whether one answers is not in it. */
export async function createFleetPreview(outline: FleetOutline, facts: PreviewFacts): Promise<FleetPreview> {
  const { groups, limits, resultsPath } = outline;
  const unpricedModels = findUnpriced(outline);
  return {
    name: outline.name,
    description: outline.description,
    workspace: outline.workspace,
    groups: groups.slice(0, MAX_GROUPS).map(toPreviewGroup),
    agents: groups.reduce((sum, { agents }) => sum + agents, 0),
    concurrentAgents: limits.concurrentAgents,
    turnsPerAgent: limits.turns,
    toolCallsPerAgent: limits.toolCalls,
    minutesPerAgent: limits.minutes,
    allow: [...outline.allow],
    budget: outline.budget,
    cost: estimateCost(outline),
    providers: await toProviders(outline, facts),
    ...(resultsPath === undefined ? {} : { resultsPath }),
    warnings: toWarnings(outline, { ...facts, unpricedModels }),
  };
}

function toPreviewGroup(group: OutlineGroup): FleetPreview['groups'][number] {
  const { name, kind, agents, tools, model, provider, program } = group;
  const uses = kind === 'model' ? `${model} (${provider})` : basename(program ?? '');
  return { name, kind, agents, uses, tools: [...tools] };
}

function findUnpriced({ groups, providers }: FleetOutline): string[] {
  const unpriced = groups
    .filter(({ kind }) => kind === 'model')
    .filter(({ provider = '', model = '' }) => {
      const own = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
      return priceFor(provider, model, own) === undefined;
    });
  return [...new Set(unpriced.map(({ model = '' }) => model))];
}

async function toProviders(outline: FleetOutline, facts: PreviewFacts): Promise<FleetPreview['providers']> {
  const names = new Set(outline.groups.flatMap(({ provider }) => (provider === undefined ? [] : [provider])));
  return await Promise.all([...names].map((name) => toProvider(name, outline, facts)));
}

async function toProvider(
  name: string,
  { providers }: FleetOutline,
  { environment, keys }: PreviewFacts,
): Promise<FleetPreview['providers'][number]> {
  const isOwn = Object.hasOwn(providers, name);
  if (name === 'sim' && !isOwn) return { name, baseUrl: '', ready: true };
  try {
    // What is kept is not decrypted for a preview; that it is there is enough.
    const kept = !isOwn && (await keys.sourceOf(name)) === 'kept' ? 'kept' : undefined;
    const { definition } = resolveProvider(name, providers, environment, kept);
    return { name, baseUrl: definition.baseUrl, ready: true };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { baseUrl } = (isOwn ? providers[name] : BUILT_IN_PROVIDERS[name]?.definition) ?? { baseUrl: '' };
    return { name, baseUrl, ready: false, problem: error.message };
  }
}
