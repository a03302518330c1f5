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

/** How busy a thread was over the last while. */
export class BusyWindow {
  private readonly busy: ThreadSource['busy'];
  private busyMs = 0;
  private livedMs = 0;
  private lastRatio = 0;

  constructor(busy: ThreadSource['busy']) {
    this.busy = busy;
  }

  /** Part of the time since the last look at it, at least 200 ms, in which it was busy, 0..1. */
  ratio(): number {
    const { busyMs, livedMs } = this.busy();
    const spanMs = livedMs - this.livedMs;
    if (spanMs >= MIN_WINDOW_MS) {
      this.lastRatio = Math.min(1, Math.max(0, (busyMs - this.busyMs) / spanMs));
      this.busyMs = busyMs;
      this.livedMs = livedMs;
    }
    return this.lastRatio;
  }
}

interface Entry {
  readonly source: ThreadSource;
  readonly window: BusyWindow;
}

const table = new Set<Entry>();

/** A thread's place in the table; disposing of it takes the thread out. */
export interface RegisteredThread extends Disposable {
  stats(): ThreadStats;
}

/** Puts a thread into the table until the result is disposed of. */
export function registerThread(source: ThreadSource): RegisteredThread {
  const entry: Entry = { source, window: new BusyWindow(() => source.busy()) };
  table.add(entry);
  return { stats: () => toStats(entry), [Symbol.dispose]: () => void table.delete(entry) };
}

/** All threads of this process that are alive, with their figures; answers at once, also while they spin. */
export function threads(): readonly ThreadStats[] {
  return [...table].map(toStats);
}

function toStats({ source, window }: Entry): ThreadStats {
  return { name: source.name, utilisationRatio: window.ratio(), ...source.heap() };
}
