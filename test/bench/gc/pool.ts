import { performance, PerformanceObserver } from 'node:perf_hooks';
import { createBufferPool } from '../../../runtime/memory/pools/buffer-pool.ts';
import type { Measured } from '../section.ts';

const KB = 1_024;
/** The sizes in which reads and answers come. */
export const POOL_SIZES = [4 * KB, 16 * KB, 64 * KB, 256 * KB] as const;

/** Where buffers come from. */
export type BufferSource = 'pooled' | 'unsafe' | 'zeroed';

const HELD = 64;
const PAGE_BYTES = 4_096;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 2_000;
/** Buffers between two looks at the clock and the event loop. */
const BATCH = 256;

/** Measures how many buffers a second can be had, written to and given back. */
export async function measurePool(bytes: number, source: BufferSource): Promise<Measured> {
  const next = toNext(bytes, source);
  let gcMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gcMs += duration;
  });
  observer.observe({ entryTypes: ['gc'] });
  await run(next, WARM_UP_MS);
  gcMs = 0;
  const beganMs = performance.now();
  const count = await run(next, MEASURED_MS);
  const lastedMs = performance.now() - beganMs;
  observer.disconnect();
  return { opsPerSec: (count / lastedMs) * 1_000, gcPercent: Math.max(0.01, (gcMs / lastedMs) * 100) };
}

async function run(next: () => void, forMs: number): Promise<number> {
  const endMs = performance.now() + forMs;
  let count = 0;
  while (performance.now() < endMs) {
    for (let i = 0; i < BATCH; i++) next();
    count += BATCH;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return count;
}

function toNext(bytes: number, source: BufferSource): () => void {
  const pool = createBufferPool({ maxIdleBytes: 32 * 2 ** 20 });
  const held: { readonly bytes: Buffer; readonly release?: () => void }[] = [];
  const make = (): { readonly bytes: Buffer; readonly release?: () => void } => {
    if (source === 'pooled') return pool.acquire(bytes);
    return { bytes: source === 'unsafe' ? Buffer.allocUnsafe(bytes) : Buffer.alloc(bytes) };
  };
  return () => {
    const one = make();
    const buffer = one.bytes;
    for (let at = 0; at < bytes; at += PAGE_BYTES) buffer[at] = 1;
    held.push(one);
    if (held.length > HELD) held.shift()!.release?.();
  };
}
