import { MessageChannel, Worker, type TransferListItem } from 'node:worker_threads';
import { AppError } from '../../shared/errors/app-error.ts';
import { openGcPlace } from '../memory/gc/gc-threads.ts';
import { systemClock } from '../time/clock.ts';
import { createSharedStatistics, readHeap, type HeapReading } from './shared-statistics.ts';
import type { ThreadStart } from './thread-port.ts';
import { registerThread, type ThreadSource } from './thread-table.ts';

/** What `openThread` is told. */
export interface ThreadOptions {
  /** Shown in statistics, profiles and operating-system tools: `history-writer`, `cpu-1`. */
  readonly name: string;
  /** The module that runs in it, as a `file:` URL. */
  readonly module: URL;
  /** Handed to the module through `threadPort().data`; structured-cloned. */
  readonly data?: unknown;
  readonly transfer?: readonly TransferListItem[];
  /** Young and old generation limits, in bytes; V8's defaults when absent. */
  readonly youngGenerationBytes?: number;
  readonly oldGenerationBytes?: number;
  /** How long the thread may take to end when it is asked to, before it is ended; 5 s when absent. */
  readonly closeGraceMs?: number;
  /** Where its figures in `threads()` come from, for a thread that keeps them itself. */
  readonly reading?: Pick<ThreadSource, 'heap' | 'busy'>;
}

/** Memory of a thread, as V8 counts it. */
interface ThreadMemory extends HeapReading {
  /** Outside the heap, mostly `ArrayBuffer`s; what was not collected yet counts. */
  readonly externalBytes: number;
}

/** A worker thread that this process owns. Disposing of it asks it to end (`ThreadPort.onClose`), then ends it. */
export interface Thread extends AsyncDisposable {
  readonly name: string;
  post(message: unknown, transfer?: readonly TransferListItem[]): void;
  /** Called with each message of the thread, in order. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when the thread has ended: with WORKER_LOST or WORKER_OUT_OF_MEMORY when nobody asked it to. */
  onEnd(listener: (error: Error | undefined) => void): void;
  /** Whether a pending thread keeps the process alive; it does unless told. */
  keepAlive(on: boolean): void;
  /** Ends the thread at once, whatever it does; `onEnd` is called without an error. */
  kill(): void;
  /** Asks V8, not the thread: it is answered while the thread spins. Rejects when the thread has ended. */
  readMemory(): Promise<ThreadMemory>;
}

const MB = 1024 * 1024;
/** Long enough for a writer to finish a large transaction on a slow disk. */
const CLOSE_GRACE_MS = 5_000;

/**
 * Opens a thread that runs `options.module`, and puts it into `threads()` until it ends. Attach listeners in the same turn.
 *
 * An exception that the module does not catch ends the thread and reaches `onEnd`; it never reaches this process otherwise.
 */
export function openThread(options: ThreadOptions): Thread {
  return new OwnedThread(options);
}

class OwnedThread implements Thread {
  readonly name: string;
  private readonly worker: Worker;
  private readonly control: MessageChannel['port1'];
  private readonly ended = Promise.withResolvers<void>();
  private readonly endListeners: ((error: Error | undefined) => void)[] = [];
  private readonly closeGraceMs: number;
  private isAsked = false;
  private hasEnded = false;
  private failure: Error | undefined;

  constructor(options: ThreadOptions) {
    this.name = options.name;
    this.closeGraceMs = options.closeGraceMs ?? CLOSE_GRACE_MS;
    const statistics = createSharedStatistics();
    const { port1, port2 } = new MessageChannel();
    this.control = port1;
    const { href: module } = options.module;
    const busy = (): { busyMs: number; livedMs: number } => this.busy(options);
    const place = openGcPlace(options.name, () => busy().busyMs);
    const start: ThreadStart = { module, data: options.data, control: port2, statistics, collections: place.shared };
    this.worker = new Worker(new URL('./thread-entry.ts', import.meta.url), {
      name: options.name,
      workerData: start,
      transferList: [port2, ...(options.transfer ?? [])],
      resourceLimits: toResourceLimits(options),
    });
    const entry = registerThread({
      name: options.name,
      heap: () => options.reading?.heap() ?? readHeap(statistics),
      busy,
    });
    this.worker.on('error', (error) => (this.failure = error instanceof Error ? error : new Error(String(error))));
    this.worker.on('messageerror', (error) => this.fail(error));
    this.worker.once('exit', (code) => {
      entry[Symbol.dispose]();
      place[Symbol.dispose]();
      this.control.close();
      this.end(code);
    });
  }

  post(message: unknown, transfer: readonly TransferListItem[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.worker.on('message', listener);
  }

  onEnd(listener: (error: Error | undefined) => void): void {
    this.endListeners.push(listener);
  }

  keepAlive(on: boolean): void {
    if (on) this.worker.ref();
    else this.worker.unref();
  }

  kill(): void {
    this.isAsked = true;
    void this.worker.terminate();
  }

  async readMemory(): Promise<ThreadMemory> {
    const heap = await this.worker.getHeapStatistics();
    return {
      heapUsedBytes: heap.used_heap_size,
      heapLimitBytes: heap.heap_size_limit,
      externalBytes: heap.external_memory,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isAsked && !this.hasEnded) {
      this.isAsked = true;
      this.worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of this process, not a window
      this.control.postMessage('close');
    }
    using _grace = systemClock.after(this.closeGraceMs, () => void this.worker.terminate());
    await this.ended.promise;
  }

  private busy({ reading }: ThreadOptions): { busyMs: number; livedMs: number } {
    if (reading !== undefined) return reading.busy();
    const { active, idle } = this.worker.performance.eventLoopUtilization();
    return { busyMs: active, livedMs: active + idle };
  }

  private fail(error: Error): void {
    this.failure = error;
    void this.worker.terminate();
  }

  private end(code: number): void {
    this.hasEnded = true;
    const error =
      this.failure || (code !== 0 && !this.isAsked) ? toThreadError(this.name, this.failure, code) : undefined;
    for (const listener of this.endListeners) listener(error);
    this.ended.resolve();
  }
}

function toResourceLimits(options: ThreadOptions): {
  maxOldGenerationSizeMb?: number;
  maxYoungGenerationSizeMb?: number;
} {
  const { oldGenerationBytes, youngGenerationBytes } = options;
  return {
    ...(oldGenerationBytes === undefined ? {} : { maxOldGenerationSizeMb: oldGenerationBytes / MB }),
    ...(youngGenerationBytes === undefined ? {} : { maxYoungGenerationSizeMb: youngGenerationBytes / MB }),
  };
}

/** What the end of a thread means to those who relied on it. */
function toThreadError(name: string, cause: unknown, exitCode?: number): AppError {
  if (cause instanceof Error && (cause as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new AppError(
      'WORKER_OUT_OF_MEMORY',
      `The thread ${name} exceeded its heap limit; raise the limit or give it less.`,
      {
        cause,
      },
    );
  }
  const why = cause instanceof Error ? cause.message : `exit code ${exitCode ?? 'unknown'}`;
  return new AppError('WORKER_LOST', `The thread ${name} ended unexpectedly: ${why}`, { cause });
}
