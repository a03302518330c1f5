import type { HeapReading } from './shared-statistics.ts';

/** A live thread at one moment. */
export interface ThreadStats extends HeapReading {
  readonly name: string;
  /** Part of the time since the last look at it, at least 200 ms, in which it was busy, 0..1. */
  readonly utilisationRatio: number;
}

/** Where the figures of one thread come from; none of them asks the thread, which may be spinning. */
export interface ThreadSource {
  readonly name: string;
  heap(): HeapReading;
  /** Milliseconds it has been busy and has lived, both since it started. */
  busy(): { readonly busyMs: number; readonly livedMs: number };
}

/** A utilisation over less than this is noise. */
const MIN_WINDOW_MS = 200;

interface Entry {
  readonly source: ThreadSource;
  busyMs: number;
  livedMs: number;
  utilisationRatio: number;
}

const table = new Set<Entry>();

/** A thread's place in the table; disposing of it takes the thread out. */
export interface RegisteredThread extends Disposable {
  stats(): ThreadStats;
}

/** Puts a thread into the table until the result is disposed of. */
export function registerThread(source: ThreadSource): RegisteredThread {
  const entry: Entry = { source, busyMs: 0, livedMs: 0, utilisationRatio: 0 };
  table.add(entry);
  return { stats: () => toStats(entry), [Symbol.dispose]: () => void table.delete(entry) };
}

/** All threads of this process that are alive, with their figures; answers at once, also while they spin. */
export function threads(): readonly ThreadStats[] {
  return [...table].map(toStats);
}

function toStats(entry: Entry): ThreadStats {
  const { busyMs, livedMs } = entry.source.busy();
  if (livedMs - entry.livedMs >= MIN_WINDOW_MS) {
    entry.utilisationRatio = Math.min(1, Math.max(0, (busyMs - entry.busyMs) / (livedMs - entry.livedMs)));
    entry.busyMs = busyMs;
    entry.livedMs = livedMs;
  }
  return { name: entry.source.name, utilisationRatio: entry.utilisationRatio, ...entry.source.heap() };
}
