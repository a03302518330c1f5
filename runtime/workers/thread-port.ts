import { parentPort, workerData, type MessagePort, type TransferListItem } from 'node:worker_threads';
import { AppError } from '../../shared/errors/app-error.ts';

/** What `openThread` hands to `thread-entry.ts`. */
export interface ThreadStart {
  readonly module: string;
  readonly data: unknown;
  readonly control: MessagePort;
  readonly statistics: SharedArrayBuffer;
  /** Where its collections are recorded, for `gcOfThreads`. */
  readonly collections: SharedArrayBuffer;
}

/** The side of a thread that the code inside it sees. */
export interface ThreadPort {
  /** What `ThreadOptions.data` was. */
  readonly data: unknown;
  post(message: unknown, transfer?: readonly TransferListItem[]): void;
  /** Called with each message of the owner, in order; from the first call on the thread stays alive until it is closed. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called when the owner asks the thread to end, before it does; a promise is waited for, within the owner's grace. */
  onClose(listener: () => void | Promise<void>): void;
  /** Ends the thread as soon as nothing else keeps it alive. */
  close(): void;
}

const closeListeners: (() => void | Promise<void>)[] = [];

/**
 * The port of the thread this code runs in.
 *
 * @throws {AppError} INTERNAL outside a thread opened by `openThread`.
 */
export function threadPort(): ThreadPort {
  const port = parentPort;
  if (port === null) throw new AppError('INTERNAL', 'This code runs in the main thread; open it with openThread.');
  return {
    data: (workerData as ThreadStart).data,
    post: (message, transfer) => port.postMessage(message, transfer ?? []),
    onMessage: (listener) => void port.on('message', listener),
    onClose: (listener) => void closeListeners.push(listener),
    close: closePorts,
  };
}

/** Runs what `onClose` was given, in order, then lets the thread end. */
export async function closeThread(): Promise<void> {
  for (const listener of closeListeners) await listener();
  closePorts();
}

function closePorts(): void {
  parentPort?.close();
  (workerData as ThreadStart).control.close();
}
