import type { CacheValues, NamedCacheFigures } from '../../runtime/cache/named/named-cache.ts';
import { toCacheScope } from '../../runtime/cache/named/cache-key.ts';
import type { CachesValues, NamedCaches } from '../../runtime/cache/named/named-caches.ts';
import type { SpillFigures } from '../../runtime/cache/named/session-contexts.ts';
import type { MetricValues } from '../../runtime/telemetry/metrics.ts';
import type { ToolCaches } from '../../runtime/tools/run-tools.ts';
import type { CacheStatus } from '../../shared/contract/app.ts';
import type { FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import { CACHE_NAMES, type CacheName } from '../../shared/model/cache-words.ts';
import type { SettingsValues } from '../../shared/settings/settings.ts';

/** The limits of every cache, from the settings. */
export function toCachesValues(values: SettingsValues): CachesValues {
  const toValues = (name: CacheName): CacheValues => ({
    isEnabled: values[`cache.${name}.enabled`],
    maxEntries: values[`cache.${name}.maxEntries`],
    maxBytes: values[`cache.${name}.maxBytes`],
    policy: values[`cache.${name}.policy`],
    ttlMs: values[`cache.${name}.ttlMs`],
  });
  return Object.fromEntries(CACHE_NAMES.map((name) => [name, toValues(name)])) as unknown as CachesValues;
}

/** The caches that the tools of one run are opened with. */
export function toToolCaches(caches: NamedCaches, plan: FleetPlan): ToolCaches {
  const { toolSchemas: schemas, toolResults: cache } = caches;
  return { schemas, results: plan.cache.toolResults ? { cache, scope: toCacheScope(plan) } : undefined };
}

/** What caches that were ever asked hold now and did so far, for the metric frame of each second. */
export function toCacheMetrics(caches: NamedCaches): MetricValues {
  const values: Record<string, number> = {};
  for (const { name, entries, bytes, hits, misses, added, evictions } of caches.figures().map(toCounted)) {
    if (added + hits + misses === 0) continue;
    Object.assign(values, {
      [`cache.${name}.entries`]: entries,
      [`cache.${name}.bytes`]: bytes,
      [`cache.${name}.hits`]: hits,
      [`cache.${name}.misses`]: misses,
      [`cache.${name}.evictions`]: evictions,
    });
  }
  return values;
}

function toCounted(figures: NamedCacheFigures): NamedCacheFigures & { readonly evictions: number } {
  const { entries, bytes, resize } = figures.left;
  return { ...figures, evictions: entries + bytes + resize };
}

/** Every cache as `status` shows it. */
export function readCaches(caches: NamedCaches): CacheStatus[] {
  return caches.figures().map((figures) => toStatus(toCounted(figures)));
}

function toStatus(figures: ReturnType<typeof toCounted> & Partial<SpillFigures>): CacheStatus {
  const { name, isEnabled, entries, bytes, pinnedEntries, pinnedBytes, limits, policy, ttlMs, isDraining } = figures;
  const { hits, misses, evictions, left, refused, outdated, loads, spilled, broughtBack } = figures;
  const asked = hits + misses;
  return {
    name,
    isEnabled,
    entries,
    bytes,
    pinnedEntries,
    pinnedBytes,
    ...limits,
    isDraining,
    policy: policy.effective,
    wantedPolicy: policy.wanted,
    ttlMs,
    hits,
    misses,
    hitRatio: asked === 0 ? undefined : hits / asked,
    evictions,
    expired: left.expired,
    outdated,
    refused,
    joined: loads.joined,
    loads: loads.ended,
    loadP50Ms: loads.p50Ms,
    loadP99Ms: loads.p99Ms,
    spilled,
    broughtBack,
  };
}
