import type { HeapReading } from '../shared-statistics.ts';
import { FIGURE, monotonicMs, type SharedCells } from './shared-memory.ts';

/** Where the figures of a thread come from; none of them asks the thread. */
export interface ThreadReading {
  heap(): HeapReading;
  busy(): { readonly busyMs: number; readonly livedMs: number };
}

/** What is known of a thread's memory: the thread writes it between tasks, its owner asks V8 while it is stuck in one. */
export class MemoryReading implements ThreadReading {
  private readonly figures: Float64Array;
  private readonly openedMs = monotonicMs();

  constructor(cells: SharedCells) {
    this.figures = cells.figures;
  }

  heap(): HeapReading {
    const { figures } = this;
    return { heapUsedBytes: figures[FIGURE.heapUsedBytes]!, heapLimitBytes: figures[FIGURE.heapLimitBytes]! };
  }

  /** Bytes outside the heap, mostly `ArrayBuffer`s; what V8 has not collected yet counts. */
  get externalBytes(): number {
    return this.figures[FIGURE.externalBytes]!;
  }

  /** Time awake and since it was opened. A thread sleeps on shared memory, which Node's own figure would take for work. */
  busy(): { busyMs: number; livedMs: number } {
    const nowMs = monotonicMs();
    const sinceMs = this.figures[FIGURE.busySinceMs]!;
    const busyMs = this.figures[FIGURE.busyMs]! + (sinceMs === 0 ? 0 : nowMs - sinceMs);
    return { busyMs, livedMs: nowMs - this.openedMs };
  }

  /** Takes over what the owner read itself. */
  write(read: { heapUsedBytes: number; heapLimitBytes: number; externalBytes: number }): void {
    this.figures[FIGURE.heapUsedBytes] = read.heapUsedBytes;
    this.figures[FIGURE.heapLimitBytes] = read.heapLimitBytes;
    this.figures[FIGURE.externalBytes] = read.externalBytes;
  }
}
