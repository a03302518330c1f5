import { hash } from 'node:crypto';
import type { FleetPlan } from '../../../shared/fleet/fleet-schema.ts';

/** What separates the entries of one fleet from those of another; fleets that share have one. */
export type CacheScope = string;

/** The scope that all fleets have which say `cache: share: true`. */
const SHARED: CacheScope = 'shared';

/** The scope of a fleet: its file, unless it shares with the others that do. */
export function toCacheScope({ path, cache }: Pick<FleetPlan, 'path' | 'cache'>): CacheScope {
  return cache.share ? SHARED : `fleet ${path}`;
}

/** A key for parts of any length: different parts have different keys. */
export function toCacheKey(scope: CacheScope, parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify([scope, ...parts]), 'base64url');
}
