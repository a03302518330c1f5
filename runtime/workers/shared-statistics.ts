import { getHeapStatistics } from 'node:v8';

/** Places in the shared buffer, one 64-bit number each. */
const HEAP_USED_BYTES = 0;
const HEAP_LIMIT_BYTES = 1;
const PLACES = 2;

/** A new reading of the heap costs about 5 µs; more often than this it tells nobody anything. */
const MIN_AGE_MS = 100;

/** What a thread last said of its heap, readable while it spins and after it has died; 0 before it said anything. */
export interface HeapReading {
  readonly heapUsedBytes: number;
  readonly heapLimitBytes: number;
}

/** Memory that a thread and its owner share for the thread's statistics. */
export function createSharedStatistics(): SharedArrayBuffer {
  return new SharedArrayBuffer(PLACES * Float64Array.BYTES_PER_ELEMENT);
}

/** Reads what the thread wrote last; never waits for it. */
export function readHeap(shared: SharedArrayBuffer): HeapReading {
  const places = new Float64Array(shared);
  return { heapUsedBytes: places[HEAP_USED_BYTES]!, heapLimitBytes: places[HEAP_LIMIT_BYTES]! };
}

/** The thread's side: writes its heap into the shared memory, at most ten times a second however often it is called. */
export function heapWriter(shared: SharedArrayBuffer): () => void {
  const places = new Float64Array(shared);
  let writtenMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = performance.now();
    if (nowMs - writtenMs < MIN_AGE_MS) return;
    writtenMs = nowMs;
    const heap = getHeapStatistics();
    places[HEAP_USED_BYTES] = heap.used_heap_size;
    places[HEAP_LIMIT_BYTES] = heap.heap_size_limit;
  };
}
