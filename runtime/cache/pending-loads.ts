import type { Clock } from '../time/clock.ts';
import { TimeHistogram } from '../telemetry/time-histogram.ts';
import type { CacheFigures } from './cache-figures.ts';
import type { Loader } from './cache.ts';

/** A load that runs; `isWanted` until its key is set, deleted or cleared. */
interface PendingLoad<Value> {
  readonly result: Promise<Value | undefined>;
  isWanted: boolean;
}

/** Loads under way, one for each key; there are never more than callers that wait and stale values that are renewed. */
export class PendingLoads<Value> {
  private readonly clock: Clock;
  private readonly keep: (key: string, value: Value | undefined) => void;
  private readonly running = new Map<string, PendingLoad<Value>>();
  private readonly times = new TimeHistogram();
  private endedCount = 0;
  private failedCount = 0;
  private joinedCount = 0;

  /** @param keep Called with what a load found, unless its key was forgotten meanwhile. */
  constructor(clock: Clock, keep: (key: string, value: Value | undefined) => void) {
    this.clock = clock;
    this.keep = keep;
  }

  /** The load of this key that runs, for one more caller. */
  join(key: string): Promise<Value | undefined> | undefined {
    const pending = this.running.get(key);
    if (pending !== undefined) this.joinedCount++;
    return pending?.result;
  }

  isRunning(key: string): boolean {
    return this.running.has(key);
  }

  /** Starts a load; only when none of this key runs. */
  start(key: string, loader: Loader<Value>): Promise<Value | undefined> {
    const pending: PendingLoad<Value> = { result: this.run(key, loader, () => pending), isWanted: true };
    this.running.set(key, pending);
    return pending.result;
  }

  /** What a running load of this key finds is answered to its callers, and not kept. */
  forget(key: string): void {
    // Looking a key up makes its hash, which costs more than all else that keeping a value does here.
    if (this.running.size === 0) return;
    const pending = this.running.get(key);
    if (pending === undefined) return;
    pending.isWanted = false;
    this.running.delete(key);
  }

  forgetAll(): void {
    for (const key of this.running.keys()) this.forget(key);
  }

  figures(): CacheFigures['loads'] {
    const hasTimes = this.times.count > 0;
    return {
      running: this.running.size,
      ended: this.endedCount,
      failed: this.failedCount,
      joined: this.joinedCount,
      p50Ms: hasTimes ? this.times.percentileMs(0.5) : undefined,
      p99Ms: hasTimes ? this.times.percentileMs(0.99) : undefined,
    };
  }

  private async run(key: string, loader: Loader<Value>, self: () => PendingLoad<Value>): Promise<Value | undefined> {
    const startMs = this.clock.monoMs();
    try {
      // A microtask later, so that a loader that throws at once does not do so before `start` has noted the load.
      const value = await Promise.resolve().then(loader);
      if (self().isWanted) {
        this.running.delete(key);
        this.keep(key, value);
      }
      return value;
    } catch (error) {
      this.failedCount++;
      if (self().isWanted) this.running.delete(key);
      throw error;
    } finally {
      this.endedCount++;
      this.times.record(this.clock.monoMs() - startMs);
    }
  }
}
