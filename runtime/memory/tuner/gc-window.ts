import { GC_CAUSES, GC_KINDS } from '../gc/collections.ts';
import type { GcReading } from '../gc/gc-record.ts';
import { addPauses, PAUSE_BUCKETS, pausePercentileMs } from '../gc/pause-buckets.ts';

/** A thread whose collections are looked at. */
export interface ObservedThread extends Pick<GcReading, 'pausesByKind' | 'gcMs' | 'causes'> {
  readonly name: string;
  /** Time it has been busy since it started, collections included, in milliseconds. */
  readonly busyMs: number;
}

/** What threads did between two moments. */
export interface GcFigures {
  readonly count: number;
  readonly pauseP50Ms: number | undefined;
  readonly pauseP99Ms: number | undefined;
  /**
   * The pause the tuner goes by: that which the share `pauseTailRatio` does not exceed, 0.99 from 100 pauses on. Of fewer the
   * longest is left out: it may be that of a thread which the system did not let run.
   */
  readonly pauseTailMs: number | undefined;
  readonly pauseTailRatio: number;
  /** Part of the time the threads were busy in which they stood still; `undefined` when none was busy. */
  readonly gcRatio: number | undefined;
  /** Part of the pauses (by number) that were of the whole heap, not of new objects alone. */
  readonly wholeHeapRatio: number;
  /** Part of the pauses that were made because bytes outside the heap had grown. */
  readonly externalRatio: number;
}

interface Before {
  readonly pauses: readonly Uint32Array[];
  readonly gcMs: number;
  readonly busyMs: number;
  readonly causes: Uint32Array;
}

/** Longest pauses that are left out of the tail while there are few. */
const OUTLIERS = 1;

const SCAVENGE = GC_KINDS.indexOf('scavenge');
const EXTERNAL = GC_CAUSES.indexOf('external memory');

/**
 * Adds up what some threads do from one moment on. A thread that starts meanwhile counts from its start, one that ends up to
 * the last look at it; one that takes the name of another begins anew.
 */
export class GcWindow {
  private before = new Map<string, Before>();
  private readonly pauses = new Uint32Array(PAUSE_BUCKETS);
  private gcMs = 0;
  private busyMs = 0;
  private count = 0;
  private scavengeCount = 0;
  private externalCount = 0;

  /** @param start The threads at the moment the window begins. */
  constructor(start: readonly ObservedThread[]) {
    for (const thread of start) this.before.set(thread.name, toBefore(thread));
  }

  /** Takes up what the threads did since the last call. */
  add(threads: readonly ObservedThread[]): void {
    const known = this.before;
    this.before = new Map(threads.map((thread) => [thread.name, toBefore(thread)]));
    for (const thread of threads) {
      const before = known.get(thread.name);
      this.addThread(
        thread,
        before && thread.busyMs >= before.busyMs && thread.gcMs >= before.gcMs ? before : undefined,
      );
    }
  }

  /** Of everything since the window began. */
  figures(): GcFigures {
    const { pauses, gcMs, busyMs, count } = this;
    const pauseTailRatio = Math.max(0.5, Math.min(0.99, 1 - OUTLIERS / Math.max(1, count)));
    return {
      count,
      pauseP50Ms: pausePercentileMs(pauses, 0.5),
      pauseP99Ms: pausePercentileMs(pauses, 0.99),
      pauseTailMs: pausePercentileMs(pauses, pauseTailRatio),
      pauseTailRatio,
      gcRatio: busyMs > 0 ? Math.min(1, gcMs / busyMs) : undefined,
      wholeHeapRatio: count === 0 ? 0 : 1 - this.scavengeCount / count,
      externalRatio: count === 0 ? 0 : this.externalCount / count,
    };
  }

  private addThread({ pausesByKind, gcMs, causes, busyMs }: ObservedThread, before: Before | undefined): void {
    for (const [kind, now] of pausesByKind.entries()) {
      const old = before?.pauses[kind];
      const more = old === undefined ? now : now.map((count, bucket) => Math.max(0, count - old[bucket]!));
      addPauses(this.pauses, more);
      const added = more.reduce((sum, one) => sum + one, 0);
      this.count += added;
      if (kind === SCAVENGE) this.scavengeCount += added;
    }
    this.gcMs += gcMs - (before?.gcMs ?? 0);
    this.busyMs += busyMs - (before?.busyMs ?? 0);
    this.externalCount += causes[EXTERNAL]! - (before?.causes[EXTERNAL] ?? 0);
  }
}

function toBefore({ pausesByKind, gcMs, causes, busyMs }: ObservedThread): Before {
  return { pauses: pausesByKind, gcMs, busyMs, causes };
}
