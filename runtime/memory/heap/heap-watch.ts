import { AppError } from '../../../shared/errors/app-error.ts';

/** What a thread's heap holds and may hold; what `threads()` answers fits. */
export interface WatchedHeap {
  readonly name: string;
  /** 0 before the thread said anything. */
  readonly heapUsedBytes: number;
  readonly heapLimitBytes: number;
}

/** Bounds of a heap watch. */
export interface HeapWatchOptions {
  /** Part of its limit from which a heap is near it, 0.1 to 0.99. Applies live. */
  readonly softLimitRatio: number;
  /** Looks in a row for which it must be so, 1 to 1,000: what was garbage is gone by then. Applies live. */
  readonly looks: number;
}

/** A heap came near its limit, or left it again. */
export interface HeapWarning {
  readonly kind: 'near limit' | 'recovered';
  readonly thread: string;
  readonly heapUsedBytes: number;
  readonly heapLimitBytes: number;
  /** When it reaches its limit if it goes on growing as it did since the first of the looks; `undefined` when it does not. */
  readonly reachesLimitInMs: number | undefined;
  /** One sentence for a person, with the way out. */
  readonly text: string;
}

/** A heap has recovered when it is this far below the soft limit. */
const RECOVERED_BELOW = 0.9;
/** Threads watched at most: more than any settings allow. */
const MAX_THREADS = 1_024;

interface Watched {
  isNear: boolean;
  looksAbove: number;
  firstUsedBytes: number;
  firstAtMs: number;
}

/**
 * Warns when the heap of a thread stays near its limit, before V8 ends the thread with WORKER_OUT_OF_MEMORY; once, until it
 * has recovered. Made of looks that somebody else takes the time for; asks no thread, which may be spinning.
 */
export class HeapWatch {
  private options: HeapWatchOptions;
  private readonly watched = new Map<string, Watched>();

  /** @throws {AppError} SETTING_INVALID */
  constructor(options: HeapWatchOptions) {
    this.options = checkHeapWatchOptions(options);
  }

  /** @throws {AppError} SETTING_INVALID; then nothing has changed. */
  configure(options: HeapWatchOptions): void {
    this.options = checkHeapWatchOptions(options);
  }

  /** One look at all heaps; those that are gone are forgotten. Answers what has changed. */
  look(heaps: readonly WatchedHeap[], atMonoMs: number): readonly HeapWarning[] {
    const names = new Set(heaps.map(({ name }) => name));
    for (const name of this.watched.keys()) if (!names.has(name)) this.watched.delete(name);
    const warnings: HeapWarning[] = [];
    for (const heap of heaps.slice(0, MAX_THREADS)) {
      if (heap.heapLimitBytes <= 0) continue;
      const warning = this.lookAt(heap, atMonoMs);
      if (warning) warnings.push(warning);
    }
    return warnings;
  }

  private lookAt(heap: WatchedHeap, atMs: number): HeapWarning | undefined {
    const { softLimitRatio, looks } = this.options;
    const ratio = heap.heapUsedBytes / heap.heapLimitBytes;
    let one = this.watched.get(heap.name);
    if (ratio < softLimitRatio) {
      const isBelow = ratio < softLimitRatio * RECOVERED_BELOW;
      if (!one?.isNear || isBelow) this.watched.delete(heap.name);
      if (one !== undefined) one.looksAbove = 0;
      return one?.isNear && isBelow ? toWarning(heap, 'recovered', undefined) : undefined;
    }
    if (one === undefined || one.looksAbove === 0) {
      one = { isNear: one?.isNear ?? false, looksAbove: 0, firstUsedBytes: heap.heapUsedBytes, firstAtMs: atMs };
      this.watched.set(heap.name, one);
    }
    one.looksAbove++;
    if (one.isNear || one.looksAbove < looks) return undefined;
    one.isNear = true;
    return toWarning(heap, 'near limit', reachesInMs(heap, one, atMs));
  }
}

function reachesInMs(heap: WatchedHeap, { firstUsedBytes, firstAtMs }: Watched, atMs: number): number | undefined {
  const grownBytes = heap.heapUsedBytes - firstUsedBytes;
  if (grownBytes <= 0 || atMs <= firstAtMs) return undefined;
  return Math.max(0, ((heap.heapLimitBytes - heap.heapUsedBytes) / grownBytes) * (atMs - firstAtMs));
}

function toWarning(heap: WatchedHeap, kind: HeapWarning['kind'], reachesLimitInMs: number | undefined): HeapWarning {
  const { name: thread, heapUsedBytes, heapLimitBytes } = heap;
  const of = `${toMb(heapUsedBytes)} of its ${toMb(heapLimitBytes)}`;
  const when =
    reachesLimitInMs === undefined ? '' : ` and reaches it in about ${Math.ceil(reachesLimitInMs / 1_000)} s`;
  const text =
    kind === 'recovered'
      ? `The heap of ${thread} has left its limit: it holds ${of}.`
      : `The heap of ${thread} holds ${of}${when}; raise its limit or give it less, or it fails with WORKER_OUT_OF_MEMORY.`;
  return { kind, thread, heapUsedBytes, heapLimitBytes, reachesLimitInMs, text };
}

/** The options themselves, when they hold. @throws {AppError} SETTING_INVALID */
function checkHeapWatchOptions(options: HeapWatchOptions): HeapWatchOptions {
  const { softLimitRatio, looks } = options;
  if (!(softLimitRatio >= 0.1 && softLimitRatio <= 0.99)) {
    const message = `softLimitRatio of the heap watch is ${softLimitRatio}; it takes a part of the limit from 0.1 to 0.99.`;
    throw new AppError('SETTING_INVALID', message);
  }
  if (!Number.isSafeInteger(looks) || looks < 1 || looks > 1_000) {
    throw new AppError(
      'SETTING_INVALID',
      `looks of the heap watch is ${looks}; it takes a whole number from 1 to 1,000.`,
    );
  }
  return options;
}

function toMb(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MB`;
}
