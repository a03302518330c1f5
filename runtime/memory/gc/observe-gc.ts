import { performance, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { getHeapStatistics, GCProfiler } from 'node:v8';
import { toGcCause, toGcKind, type Collection, type GcKind } from './collections.ts';
import { toGcRecord, writeCollection } from './gc-record.ts';

/** How a thread observes its collections. */
export interface GcObservationOptions {
  /**
   * Follows the heap's size before and after each collection. Off unless told: V8 then keeps about 4 KB for each collection
   * until the event loop comes round, so that a thread that spins would grow; for captures of a limited time.
   */
  readonly followSizes?: boolean;
  /** Called with each collection, in order, when the event loop comes round after it. */
  readonly onCollection?: (collection: Collection) => void;
}

/**
 * Records the collections of the thread that calls it in `shared` (`createGcMemory`) until the result is disposed of.
 *
 * A thread that spins reports when it comes round; until then its counts stand still. Does not keep the thread alive.
 */
export function observeGc(shared: SharedArrayBuffer, options: GcObservationOptions = {}): Disposable {
  const record = toGcRecord(shared);
  const sizes = options.followSizes === true ? new SizeWatch() : undefined;
  const observer = new PerformanceObserver((list) => {
    sizes?.drain();
    const usedBytes = getHeapStatistics().used_heap_size;
    for (const entry of list.getEntries()) {
      const collection = toCollection(entry, sizes, usedBytes);
      writeCollection(record, collection);
      options.onCollection?.(collection);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    [Symbol.dispose]: () => {
      observer.disconnect();
      sizes?.[Symbol.dispose]();
    },
  };
}

function toCollection(entry: PerformanceEntry, sizes: SizeWatch | undefined, usedBytes: number): Collection {
  const { detail } = entry as PerformanceEntry & {
    readonly detail?: { readonly kind?: number; readonly flags?: number };
  };
  const { kind: number = 0, flags = 0 } = detail ?? {};
  const kind = toGcKind(number);
  const found = sizes?.take(kind, entry.duration);
  return {
    kind,
    cause: toGcCause(flags),
    atMs: performance.timeOrigin + entry.startTime,
    pauseMs: entry.duration,
    heapBeforeBytes: found?.beforeBytes,
    heapAfterBytes: found?.afterBytes ?? usedBytes,
  };
}

interface Sizes {
  readonly kind: GcKind;
  readonly costMs: number;
  readonly beforeBytes: number;
  readonly afterBytes: number;
}

const KIND_BY_NAME: Readonly<Record<string, GcKind>> = {
  Scavenge: 'scavenge',
  MinorMarkSweep: 'scavenge',
  MarkSweepCompact: 'mark-compact',
  IncrementalMarking: 'incremental',
  ProcessWeakCallbacks: 'weak callbacks',
};
/** The two lists measure the same collection a little differently: so much, and half of the pause. */
const SAME_WITHIN_MS = 0.2;
/** Sizes that wait for their entry; the loop came round, so there are never many. */
const MAX_WAITING = 4_096;

/** V8's own list of sizes; it has the same collections as the observer, in the same order, but is read at other moments. */
class SizeWatch implements Disposable {
  private profiler = start();
  private waiting: Sizes[] = [];

  /** Fetches what V8 has kept since the last call. */
  drain(): void {
    // The next list is begun first: reading the old one makes objects, and that may itself collect.
    const next = start();
    const { statistics } = this.profiler.stop();
    this.profiler = next;
    for (const { gcType, cost, beforeGC, afterGC } of statistics) {
      this.waiting.push({
        kind: KIND_BY_NAME[gcType] ?? 'mark-compact',
        costMs: cost / 1_000,
        beforeBytes: beforeGC.heapStatistics.usedHeapSize,
        afterBytes: afterGC.heapStatistics.usedHeapSize,
      });
    }
    if (this.waiting.length > MAX_WAITING) this.waiting = this.waiting.slice(-MAX_WAITING);
  }

  /** The sizes of the next collection of `kind` that took about `pauseMs`; what came before it has no entry. */
  take(kind: GcKind, pauseMs: number): Sizes | undefined {
    const index = this.waiting.findIndex(
      (one) => one.kind === kind && Math.abs(one.costMs - pauseMs) <= SAME_WITHIN_MS + pauseMs / 2,
    );
    if (index === -1) return undefined;
    return this.waiting.splice(0, index + 1).at(-1);
  }

  [Symbol.dispose](): void {
    this.profiler.stop();
  }
}

function start(): GCProfiler {
  const profiler = new GCProfiler();
  profiler.start();
  return profiler;
}
