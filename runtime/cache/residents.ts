import type { CacheLimits } from './cache.ts';
import type { LeaveReason, LeftCounts } from './cache-figures.ts';
import { PolicySwitch } from './policies/policy-switch.ts';
import type { PolicyKind } from './policies/create-policy.ts';
import { hashKey, rehashKey } from './table/key-hash.ts';
import { NONE } from './table/entry-table.ts';
import { KeyedEntries } from './table/keyed-entries.ts';

/** What an entry takes beside its value and the characters of its key: table, index, ghosts, the key's own header. */
const ENTRY_BYTES = 80;
/** The table keeps the bytes of an entry in 32 bits. */
const MAX_ENTRY_BYTES = 2 ** 32 - 1;
/** A bit of `meta`: the entry is pinned and in no policy. */
export const PINNED = 0x200;

/** What is in a cache and never more than its limits: entries, their order, their pins. */
export class Residents<Value> {
  entries = new KeyedEntries<Value>();
  policy: PolicySwitch;
  bytes = 0;
  pinnedBytes = 0;
  added = 0;
  /** Called with the number of entries before one is evicted. */
  onEvict: (count: number) => void = () => {};
  /** Called with each value that has left, but for those cleared. */
  onLeave: ((key: string, value: Value, reason: LeaveReason) => void) | undefined;
  readonly left: Record<LeaveReason, number> = {
    entries: 0,
    bytes: 0,
    resize: 0,
    expired: 0,
    deleted: 0,
    cleared: 0,
    replaced: 0,
  } satisfies LeftCounts;
  private limitsNow: CacheLimits;
  /** How often each pinned key is pinned. */
  private readonly pins = new Map<string, number>();

  constructor(limits: CacheLimits, kind: PolicyKind) {
    this.limitsNow = limits;
    this.policy = new PolicySwitch(kind, this.entries.table);
  }

  get count(): number {
    return this.entries.table.count;
  }

  get pinnedCount(): number {
    return this.pins.size;
  }

  get limits(): CacheLimits {
    return this.limitsNow;
  }

  set limits(limits: CacheLimits) {
    this.limitsNow = limits;
  }

  /** Whether there is more than the limits allow. */
  get isOver(): boolean {
    return this.count > this.limitsNow.maxEntries || this.bytes > this.limitsNow.maxBytes;
  }

  isPinned(slot: number): boolean {
    return (this.entries.table.meta(slot) & PINNED) !== 0;
  }

  hit(slot: number): void {
    if (!this.isPinned(slot)) this.policy.hit(slot);
  }

  /** Keeps a value under its key and answers its slot; `NONE` when there is no room and cannot be. */
  put(key: string, value: Value | undefined, valueBytes: number): number {
    const hash = rehashKey(key);
    const bytes = Math.ceil(valueBytes) + key.length + ENTRY_BYTES;
    const known = this.entries.find(key, hash);
    return known === NONE ? this.insert(key, hash, value, bytes) : this.replace(known, value, bytes);
  }

  /** Lets an unpinned entry go. */
  drop(slot: number, reason: LeaveReason): void {
    this.policy.remove(slot);
    this.forget(slot, reason);
  }

  /** Evicts up to `count` entries while there are more than the limits allow; whether more should go and can. */
  trim(count: number): boolean {
    for (let evicted = 0; evicted < count; evicted++) {
      if (!this.isOver) return false;
      if (!this.evict('resize')) return false;
    }
    return this.isOver && this.count > this.pins.size;
  }

  pin(slot: number): void {
    const { table } = this.entries;
    const key = this.entries.key(slot);
    const pins = this.pins.get(key) ?? 0;
    this.pins.set(key, pins + 1);
    if (pins > 0) return;
    this.policy.remove(slot);
    table.setMeta(slot, table.meta(slot) | PINNED);
    this.pinnedBytes += table.bytes(slot);
  }

  /** Takes one pin of a key away; answers its slot when that was the last, else `NONE`. */
  unpin(key: string): number {
    const { table } = this.entries;
    const pins = this.pins.get(key)!;
    if (pins > 1) {
      this.pins.set(key, pins - 1);
      return NONE;
    }
    this.pins.delete(key);
    const slot = this.entries.find(key, hashKey(key));
    table.setMeta(slot, table.meta(slot) & ~PINNED);
    this.pinnedBytes -= table.bytes(slot);
    this.policy.add(slot);
    return slot;
  }

  /** Forgets all but what is pinned; the pages of the table are given back with it. */
  clear(): void {
    const before = this.entries;
    this.left.cleared += before.table.count - this.pins.size;
    this.entries = new KeyedEntries<Value>();
    this.policy = new PolicySwitch(this.policy.wanted, this.entries.table);
    this.bytes = this.pinnedBytes;
    for (const key of this.pins.keys()) {
      const hash = hashKey(key);
      const from = before.find(key, hash);
      const to = this.entries.insert(key, hash, before.value(from));
      const { table } = this.entries;
      table.setMeta(to, before.table.meta(from) & ~0xff);
      table.setTime(to, before.table.time(from));
      table.setBytes(to, before.table.bytes(from));
    }
  }

  private insert(key: string, hash: number, value: Value | undefined, bytes: number): number {
    if (!this.makeRoom(1, bytes, bytes)) return NONE;
    const slot = this.entries.insert(key, hash, value);
    this.entries.table.setBytes(slot, bytes);
    this.bytes += bytes;
    this.added++;
    this.policy.add(slot);
    return slot;
  }

  private replace(slot: number, value: Value | undefined, bytes: number): number {
    const { table } = this.entries;
    const more = bytes - table.bytes(slot);
    const isPinned = this.isPinned(slot);
    if (more > 0 && this.bytes + more > this.limitsNow.maxBytes) {
      // It must not be evicted to make room for itself.
      if (!isPinned) this.policy.remove(slot);
      const hasRoom = this.makeRoom(0, more, isPinned ? more : bytes);
      if (!isPinned && !hasRoom) this.forget(slot, 'replaced');
      if (!hasRoom) return NONE;
      if (!isPinned) this.policy.add(slot);
    } else this.hit(slot);
    this.entries.setValue(slot, value);
    table.setBytes(slot, bytes);
    this.bytes += more;
    if (isPinned) this.pinnedBytes += more;
    return slot;
  }

  /**
   * Evicts until so much more fits; nothing when `needed`, beside what is pinned, cannot. Where limits were just lowered it is enough not
   * to grow, so that no single caller pays for all that is too much.
   */
  private makeRoom(moreEntries: number, moreBytes: number, needed: number): boolean {
    const { limitsNow } = this;
    if (needed > MAX_ENTRY_BYTES || this.pinnedBytes + needed > limitsNow.maxBytes) return false;
    if (this.pins.size + moreEntries > limitsNow.maxEntries) return false;
    const maxEntries = Math.max(limitsNow.maxEntries, this.count);
    const maxBytes = Math.max(limitsNow.maxBytes, this.bytes);
    while (this.count + moreEntries > maxEntries) if (!this.evict('entries')) return false;
    while (this.bytes + moreBytes > maxBytes) if (!this.evict('bytes')) return false;
    return true;
  }

  private evict(reason: LeaveReason): boolean {
    this.onEvict(this.count);
    const slot = this.policy.takeVictim();
    if (slot === NONE) return false;
    this.forget(slot, reason);
    return true;
  }

  private forget(slot: number, reason: LeaveReason): void {
    this.bytes -= this.entries.table.bytes(slot);
    const key = this.entries.key(slot);
    const value = this.entries.value(slot);
    this.entries.remove(slot);
    this.left[reason]++;
    if (value !== undefined) this.onLeave?.(key, value, reason);
  }
}
