import { AppError } from '../../shared/errors/app-error.ts';
import { CoarseClock } from '../time/coarse-clock.ts';
import { createSlices } from '../time/slices.ts';
import type { CacheFigures } from './cache-figures.ts';
import type { Cache, CacheLimits, CacheOptions, Loader, Pin } from './cache.ts';
import { Foresight } from './foresight.ts';
import { PendingLoads } from './pending-loads.ts';
import type { PolicyKind } from './policies/create-policy.ts';
import { PINNED, Residents } from './residents.ts';
import { NONE } from './table/entry-table.ts';
import { hashKey } from './table/key-hash.ts';

/** More would need numbers beyond 32 bits in the pages of the table. */
const MAX_ENTRIES = 16_000_000;
/** 34 years: far inside the 44 bits that the table has for a time. */
const MAX_TIME_MS = 2 ** 40;
/** Entries evicted or moved between two looks at the clock: well under a tenth of a millisecond. */
const STEP_ENTRIES = 64;
/** Slots looked at with each value that is kept, so that what expired goes though nobody asks for it. */
const SWEPT_SLOTS = 2;
/** Bits of `meta`: the entry says that there is nothing; its time says when it was kept. */
const NEGATIVE = 0x400;
const TIMED = 0x800;
/** An entry with any of these needs a closer look. */
const SPECIAL = PINNED | NEGATIVE | TIMED;

/**
 * An empty cache. It owns nothing but memory.
 *
 * @throws {AppError} INPUT_INVALID when a limit or a time is out of its bounds.
 */
export function createCache<Value>(options: CacheOptions<Value>): Cache<Value> {
  return new BoundedCache(options);
}

class BoundedCache<Value> implements Cache<Value> {
  private readonly bytesOf: (value: Value) => number;
  private ttlMs: number;
  /** When a limit of time was set, for entries that were kept before and do not know when; as `nowMs`. */
  private untimedSinceMs: number | undefined;
  private readonly staleMs: number;
  private readonly negativeTtlMs: number;
  private readonly clock: CoarseClock;
  private readonly epochMs: number;
  private readonly residents: Residents<Value>;
  private readonly loads: PendingLoads<Value>;
  private readonly foresight: Foresight;
  private readonly slices: ReturnType<typeof createSlices>;
  private settling: Promise<void> | undefined;
  private hits = 0;
  private staleHits = 0;
  private negativeHits = 0;
  private misses = 0;
  private refused = 0;
  private swept = 0;

  constructor(options: CacheOptions<Value>) {
    const kind = options.policy ?? 'adaptive';
    this.bytesOf = options.bytesOf;
    this.ttlMs = checkTime('ttlMs', options.ttlMs ?? Infinity);
    this.staleMs = checkTime('staleMs', options.staleMs ?? 0);
    this.negativeTtlMs = checkTime('negativeTtlMs', options.negativeTtlMs ?? 0);
    this.clock = new CoarseClock(options.clock);
    this.epochMs = options.clock.monoMs();
    this.residents = new Residents(checkLimits(options), kind);
    this.foresight = new Foresight(kind);
    this.residents.onEvict = (count) => this.foresight.evict(count);
    this.residents.onLeave = options.onLeave;
    this.loads = new PendingLoads(options.clock, (key, value) => this.keepLoaded(key, value));
    this.slices = createSlices(() => options.clock.monoMs());
  }

  get(key: string): Value | undefined {
    const slot = this.find(key);
    if (slot !== NONE && !this.isSpecial(slot)) {
      this.hits++;
      this.residents.policy.hit(slot);
      return this.residents.entries.value(slot);
    }
    if (slot !== NONE && !this.dropExpired(slot) && this.overMs(slot) < 0) return this.answer(slot);
    this.misses++;
    return undefined;
  }

  set(key: string, value: Value): boolean {
    this.loads.forget(key);
    return this.keep(key, value, this.bytesOf(value), 0);
  }

  delete(key: string): boolean {
    this.loads.forget(key);
    const slot = this.residents.entries.find(key, hashKey(key));
    if (slot === NONE || this.residents.isPinned(slot)) return false;
    this.residents.drop(slot, 'deleted');
    return true;
  }

  async load(key: string, loader: Loader<Value>): Promise<Value | undefined> {
    const slot = this.find(key);
    const overMs = slot === NONE || this.dropExpired(slot) ? Infinity : this.overMs(slot);
    if (overMs < 0) return this.answer(slot);
    if (overMs < this.staleMs && !this.isNegative(slot)) {
      this.staleHits++;
      const value = this.answer(slot);
      // Its failure is counted; the stale value goes on being answered until its time is over.
      if (!this.loads.isRunning(key)) this.loads.start(key, loader).catch(() => undefined);
      return value;
    }
    this.misses++;
    return this.loads.join(key) ?? this.loads.start(key, loader);
  }

  peek(key: string): Value | undefined {
    const slot = this.residents.entries.find(key, hashKey(key));
    return slot === NONE || this.overMs(slot) >= 0 ? undefined : this.residents.entries.value(slot);
  }

  isLoading(key: string): boolean {
    return this.loads.isRunning(key);
  }

  pin(key: string): Pin<Value> | undefined {
    const { residents } = this;
    const slot = residents.entries.find(key, hashKey(key));
    if (slot === NONE || this.isNegative(slot) || this.overMs(slot) >= 0) return undefined;
    residents.pin(slot);
    let isHeld = true;
    return {
      value: residents.entries.value(slot) as Value,
      [Symbol.dispose]: () => {
        if (isHeld) this.unpin(key);
        isHeld = false;
      },
    };
  }

  async resize(limits: CacheLimits): Promise<void> {
    this.residents.limits = checkLimits(limits);
    await this.settle();
  }

  async setPolicy(kind: PolicyKind): Promise<void> {
    this.residents.policy.choose(kind);
    this.foresight.restart(kind);
    await this.settle();
  }

  setTtl(ttlMs: number): void {
    checkTime('ttlMs', ttlMs);
    if (this.ttlMs === Infinity && ttlMs !== Infinity) this.untimedSinceMs = this.nowMs();
    this.ttlMs = ttlMs;
  }

  sweep(count: number): void {
    if (this.ttlMs === Infinity && this.negativeTtlMs === 0) return;
    const { table } = this.residents.entries;
    for (let looked = Math.min(count, table.slotCount); looked > 0; looked--) {
      if (++this.swept >= table.slotCount) this.swept = 0;
      if (table.isUsed(this.swept)) this.dropExpired(this.swept);
    }
  }

  clear(): void {
    this.loads.forgetAll();
    this.residents.clear();
    this.foresight.restart(this.residents.policy.wanted);
  }

  figures(): CacheFigures {
    const { residents } = this;
    return {
      entries: residents.count,
      bytes: residents.bytes,
      pinnedEntries: residents.pinnedCount,
      pinnedBytes: residents.pinnedBytes,
      limits: residents.limits,
      isDraining: residents.isOver,
      policy: { wanted: residents.policy.wanted, effective: residents.policy.effective },
      hits: this.hits,
      staleHits: this.staleHits,
      negativeHits: this.negativeHits,
      misses: this.misses,
      added: residents.added,
      left: { ...residents.left },
      refused: this.refused,
      loads: this.loads.figures(),
      forecast: this.foresight.forecast(),
    };
  }

  /** The slot of a key that is asked for. */
  private find(key: string): number {
    const { residents } = this;
    const hash = hashKey(key);
    this.foresight.use(hash, residents.count);
    return residents.entries.find(key, hash);
  }

  private answer(slot: number): Value | undefined {
    this.hits++;
    if (this.isNegative(slot)) this.negativeHits++;
    this.residents.hit(slot);
    return this.residents.entries.value(slot);
  }

  private keepLoaded(key: string, value: Value | undefined): void {
    if (value !== undefined) this.keep(key, value, this.bytesOf(value), 0);
    else if (this.negativeTtlMs > 0) this.keep(key, undefined, 0, NEGATIVE);
    else this.dropIfUnpinned(key);
  }

  private keep(key: string, value: Value | undefined, bytes: number, flag: number): boolean {
    const { residents } = this;
    this.sweep(SWEPT_SLOTS);
    const slot = residents.put(key, value, bytes);
    if (slot === NONE) {
      this.refused++;
      return false;
    }
    const { table } = residents.entries;
    const isTimed = (flag === NEGATIVE ? this.negativeTtlMs : this.ttlMs) !== Infinity;
    if (isTimed || flag !== 0 || this.isSpecial(slot)) {
      table.setMeta(slot, (table.meta(slot) & ~(NEGATIVE | TIMED)) | flag | (isTimed ? TIMED : 0));
      table.setTime(slot, isTimed ? Math.ceil(this.nowMs()) : 0);
    }
    return true;
  }

  /** A load found that there is nothing any more. */
  private dropIfUnpinned(key: string): void {
    const slot = this.residents.entries.find(key, hashKey(key));
    if (slot !== NONE && !this.residents.isPinned(slot)) this.residents.drop(slot, 'expired');
  }

  private unpin(key: string): void {
    const slot = this.residents.unpin(key);
    if (slot !== NONE) this.dropExpired(slot);
    if (this.residents.isOver) void this.settle();
  }

  /** How long ago the entry's time was over, in milliseconds; below 0 while it is fresh. */
  private overMs(slot: number): number {
    const { table } = this.residents.entries;
    const meta = table.meta(slot);
    const forMs = (meta & NEGATIVE) === 0 ? this.ttlMs : this.negativeTtlMs;
    if (forMs === Infinity) return -Infinity;
    const keptMs = (meta & TIMED) === 0 ? this.untimedSinceMs : table.time(slot);
    return keptMs === undefined ? -Infinity : this.nowMs() - keptMs - forMs;
  }

  private isSpecial(slot: number): boolean {
    return this.untimedSinceMs !== undefined || (this.residents.entries.table.meta(slot) & SPECIAL) !== 0;
  }

  private isNegative(slot: number): boolean {
    return (this.residents.entries.table.meta(slot) & NEGATIVE) !== 0;
  }

  private dropExpired(slot: number): boolean {
    const overMs = this.overMs(slot);
    const staleMs = this.isNegative(slot) ? 0 : this.staleMs;
    if (overMs < staleMs || overMs < 0 || this.residents.isPinned(slot)) return false;
    this.residents.drop(slot, 'expired');
    return true;
  }

  /** Milliseconds since the cache was made. */
  private nowMs(): number {
    return this.clock.monoMs() - this.epochMs;
  }

  /** Works off what limits and policy ask for, all in one chain of slices however many ask. */
  private settle(): Promise<void> {
    if (this.settling === undefined && !this.step()) return Promise.resolve();
    return (this.settling ??= this.work());
  }

  private async work(): Promise<void> {
    do await this.slices.pass();
    while (this.step());
    this.settling = undefined;
  }

  private step(): boolean {
    const { residents } = this;
    const hasMore = residents.trim(STEP_ENTRIES);
    return residents.policy.move(STEP_ENTRIES) || hasMore;
  }
}

function checkLimits({ maxEntries, maxBytes }: CacheLimits): CacheLimits {
  if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > MAX_ENTRIES)
    throw invalid(`maxEntries must be a whole number from 1 to ${MAX_ENTRIES.toLocaleString('en-US')}`, maxEntries);
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1)
    throw invalid('maxBytes must be a whole number of 1 and more', maxBytes);
  return { maxEntries, maxBytes };
}

function checkTime(name: string, ms: number): number {
  if (ms === Infinity || (ms >= 0 && ms <= MAX_TIME_MS)) return ms;
  throw invalid(`${name} must be from 0 to ${MAX_TIME_MS}, or Infinity`, ms);
}

function invalid(rule: string, value: number): AppError {
  return new AppError('INPUT_INVALID', `A cache cannot be made like this: ${rule}, not ${value}.`);
}
