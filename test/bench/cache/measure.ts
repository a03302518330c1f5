import { setImmediate as nextTurn } from 'node:timers/promises';
import { createCache } from '../../../runtime/cache/create-cache.ts';
import type { PolicyKind } from '../../../runtime/cache/policies/create-policy.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { Measured } from '../section.ts';
import { percentile } from '../statistics.ts';
import { CACHES, type Subject } from './subjects.ts';
import { CAPACITY, TRACES } from './traces.ts';

/** Requests before the clock runs, so that the code is compiled and the cache is full. */
const WARM_UP_RATIO = 0.25;
const VALUE = {};

/** The keys of a trace as text. */
function toTexts(numbers: Uint32Array): string[] {
  const texts = new Map<number, string>();
  return Array.from(numbers, (number) => {
    const known = texts.get(number);
    if (known !== undefined) return known;
    const text = toKey(number);
    texts.set(number, text);
    return text;
  });
}

/** A flat string: what joins strings is only joined when it is read, which would be counted against the one who reads first. */
function toKey(number: number): string {
  return Buffer.from(`read_file src/module-${number}.ts`).toString('latin1');
}

/** Asks for all keys, keeping what is missed; answers the hits. */
function replay(cache: Subject, keys: readonly string[], from: number, to: number): number {
  let hits = 0;
  for (let at = from; at < to; at++) {
    const key = keys[at]!;
    if (cache.get(key) === undefined) cache.set(key, VALUE);
    else hits++;
  }
  return hits;
}

/** Hits of one cache on one trace from the empty cache on, and requests a second after the warm-up. */
export async function measureTrace(subject: string, trace: string): Promise<Measured> {
  const keys = toTexts(TRACES[trace]!().keys);
  const cache = await CACHES[subject]!(CAPACITY);
  const warm = Math.round(keys.length * WARM_UP_RATIO);
  const warmHits = replay(cache, keys, 0, warm);
  globalThis.gc?.();
  const startMs = performance.now();
  const started = process.cpuUsage();
  const hits = replay(cache, keys, warm, keys.length);
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(started);
  const requests = keys.length - warm;
  return {
    hitPercent: ((warmHits + hits) / keys.length) * 100,
    opsPerSec: requests / seconds,
    cpuNsPerOp: ((user + system) * 1_000) / requests,
  };
}

/** The mean over all traces, and the worst distance to LRU in points. */
export async function measureAllTraces(subject: string): Promise<Measured> {
  const percents: number[] = [];
  const behind: number[] = [];
  for (const name of Object.keys(TRACES)) {
    const { hitPercent = 0 } = await measureTrace(subject, name);
    const lru = await measureTrace('lru-cache', name);
    percents.push(hitPercent);
    behind.push(lru['hitPercent']! - hitPercent);
  }
  const sum = percents.reduce((total, percent) => total + percent, 0);
  return { meanHitPercent: sum / percents.length, pointsBehindLru: Math.max(...behind) };
}

/** What a full cache takes for each entry beside the key and the value themselves. */
export async function measureBytes(subject: string, entries: number): Promise<Measured> {
  // Twice as many keys as entries are asked for, so that ghosts and the like are there too.
  const keys = Array.from({ length: entries * 2 }, (_, number) => toKey(number));
  const warm = await CACHES[subject]!(100);
  replay(warm, keys, 0, 1_000);
  const before = usedBytes();
  const cache = await CACHES[subject]!(entries);
  replay(cache, keys, 0, keys.length);
  const bytes = usedBytes() - before;
  // Both stay alive until here.
  const kept = Number(cache.get(keys.at(-1)!) !== undefined) + Number(warm.get(keys[0]!) !== undefined);
  return { bytesPerEntry: bytes / entries, keptCount: kept };
}

function usedBytes(): number {
  for (let round = 0; round < 3; round++) globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const LARGE = 1_000_000;
const SMALL = 100_000;

/** A cache of a million entries made ten times smaller while it is used: how long the event loop did not come round. */
export async function measureResize(policy: PolicyKind): Promise<Measured> {
  const limits = { maxEntries: LARGE, maxBytes: 2 ** 40 };
  const cache = createCache<object>({ clock: systemClock, ...limits, bytesOf: () => 64, policy });
  const growMs: number[] = [];
  for (let number = 0; number < LARGE; number += 100) {
    const startMs = performance.now();
    for (let at = number; at < number + 100; at++) cache.set(toKey(at), VALUE);
    growMs.push(performance.now() - startMs);
  }
  // What filling left behind is not what is measured.
  globalThis.gc?.();
  const pausesMs: number[] = [];
  const state = { isDone: false };
  const startMs = performance.now();
  const done = cache.resize({ ...limits, maxEntries: SMALL }).then(() => (state.isDone = true));
  pausesMs.push(performance.now() - startMs);
  while (!state.isDone) {
    const beforeMs = performance.now();
    await nextTurn();
    pausesMs.push(performance.now() - beforeMs);
  }
  await done;
  return {
    totalMs: performance.now() - startMs,
    maxMs: Math.max(...pausesMs),
    p99Ms: percentile(pausesMs, 0.99),
    growP99Ms: percentile(growMs, 0.99),
    entriesLeft: cache.figures().entries,
  };
}

/** What one does with lru-cache, which has no resize: a smaller one is filled from it. */
export async function measureRebuild(): Promise<Measured> {
  const { LRUCache } = await import('lru-cache');
  const old = new LRUCache<string, object>({ max: LARGE });
  for (let number = 0; number < LARGE; number++) old.set(toKey(number), VALUE);
  globalThis.gc?.();
  const startMs = performance.now();
  const cache = new LRUCache<string, object>({ max: SMALL });
  for (const [key, value] of old.rentries()) cache.set(key as string, value as object);
  const totalMs = performance.now() - startMs;
  return { totalMs, maxMs: totalMs, p99Ms: totalMs, entriesLeft: cache.size };
}
