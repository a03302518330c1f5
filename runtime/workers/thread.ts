import type { TransferListItem } from 'node:worker_threads';

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
}

/** A worker thread that this process owns. Disposing of it asks it to end, then ends it. */
export interface Thread extends AsyncDisposable {
  readonly name: string;
  post(message: unknown, transfer?: readonly TransferListItem[]): void;
  /** Called with each message of the thread, in order. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when the thread has ended: with an error when nobody asked it to. */
  onEnd(listener: (error: Error | undefined) => void): void;
  /** Whether a pending thread keeps the process alive; it does unless told. */
  keepAlive(on: boolean): void;
}
