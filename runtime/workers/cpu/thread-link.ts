import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { openThread } from '../thread.ts';
import type { CpuStart } from './cpu-entry.ts';
import type { GroupMessage, ThreadMessage } from './messages.ts';
import type { ThreadReading } from './thread-reading.ts';

/** What a thread is started with. */
export interface LinkStart {
  readonly name: string;
  /** The module that exports `CPU_TASKS`. */
  readonly tasks: URL;
  readonly shared: SharedArrayBuffer;
  readonly oldGenerationBytes: number;
  readonly youngGenerationBytes: number;
  /** The thread's figures for the table of threads. */
  readonly reading: ThreadReading;
}

/** A started thread as its owner reaches it; a test may put a simulated one in its place. */
export interface ThreadLink {
  /** Sends tasks and wakes the thread. @throws {DOMException} DataCloneError, when nothing was sent. */
  post(message: GroupMessage): void;
  /** Called with what the thread posts, in order. */
  onMessage(listener: (message: ThreadMessage) => void): void;
  /** Called once: with an error unless the thread was ended by `kill`. */
  onEnd(listener: (error: Error | undefined) => void): void;
  /** What the thread has posted and the event loop has not brought yet. */
  receive(): ThreadMessage | undefined;
  /** Whether the thread keeps the process alive. */
  keepAlive(on: boolean): void;
  /** Ends the thread, whatever it does; `onEnd` follows. */
  kill(): void;
  /** The heap and what is outside it, asked of V8 and not of the thread: it answers while the thread spins. */
  readMemory(): Promise<{ heapUsedBytes: number; heapLimitBytes: number; externalBytes: number }>;
}

/** Starts a thread. */
export type OpenLink = (start: LinkStart) => ThreadLink;

const ENTRY = new URL('./cpu-entry.ts', import.meta.url);

/** Starts a thread of this process. */
export function openThreadLink(start: LinkStart): ThreadLink {
  const { port1, port2 } = new MessageChannel();
  const data: CpuStart = { tasks: start.tasks.href, shared: start.shared, port: port2 };
  const thread = openThread({
    name: start.name,
    module: ENTRY,
    data,
    transfer: [port2],
    oldGenerationBytes: start.oldGenerationBytes,
    youngGenerationBytes: start.youngGenerationBytes,
    reading: start.reading,
  });
  return {
    post: (message) => port1.postMessage(message),
    onMessage: (listener) => {
      port1.on('message', listener);
      port1.unref();
    },
    onEnd: (listener) =>
      thread.onEnd((error) => {
        listener(error);
        port1.close();
      }),
    receive: () => receiveMessageOnPort(port1)?.message as ThreadMessage | undefined,
    keepAlive: (on) => thread.keepAlive(on),
    kill: () => thread.kill(),
    readMemory: () => thread.readMemory(),
  };
}
