import { CACHE_POLICIES, type CachePolicy } from '../../../shared/model/cache-words.ts';
import type { EntryTable } from '../table/entry-table.ts';
import { AdaptivePolicy } from './adaptive.ts';
import { LruKPolicy } from './lru-k.ts';
import { LruPolicy } from './lru.ts';
import type { Policy } from './policy.ts';
import { S3FifoPolicy } from './s3-fifo.ts';
import { SegmentedLruPolicy } from './segmented-lru.ts';
import { SievePolicy } from './sieve.ts';
import { WindowTinyLfuPolicy } from './w-tiny-lfu.ts';

const POLICIES = {
  adaptive: (table: EntryTable): Policy => new AdaptivePolicy(table),
  lru: (table: EntryTable): Policy => new LruPolicy(table),
  'segmented-lru': (table: EntryTable): Policy => new SegmentedLruPolicy(table),
  'lru-k': (table: EntryTable): Policy => new LruKPolicy(table),
  sieve: (table: EntryTable): Policy => new SievePolicy(table),
  's3-fifo': (table: EntryTable): Policy => new S3FifoPolicy(table),
  'w-tinylfu': (table: EntryTable): Policy => new WindowTinyLfuPolicy(table),
} as const satisfies Record<CachePolicy, (table: EntryTable) => Policy>;

/** How a cache chooses what goes; `adaptive` is the default, and good on every kind of use that was measured. */
export type PolicyKind = CachePolicy;

/** Every kind, the default first. */
export const POLICY_KINDS: readonly PolicyKind[] = CACHE_POLICIES;

/** A policy over the entries of a table, of which it has none yet. */
export function createPolicy(kind: PolicyKind, table: EntryTable): Policy {
  return POLICIES[kind](table);
}
