import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { getHeapStatistics } from 'node:v8';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { CpuTask, CpuTasks } from '../cpu-tasks.ts';
import { threadPort } from '../thread-port.ts';
import { READY, type GroupMessage } from './messages.ts';
import { CONTROL, FIGURE, monotonicMs, toCells } from './shared-memory.ts';
import { ThreadLoop } from './thread-loop.ts';

/** What the owner hands to a cpu thread. */
export interface CpuStart {
  /** URL of the module that exports `CPU_TASKS`. */
  readonly tasks: string;
  readonly shared: SharedArrayBuffer;
  readonly port: MessagePort;
}

/** A new reading of the heap costs about 5 µs. */
const READ_HEAP_EVERY_MS = 50;
/** What a task left behind (promises, finalizers, a request of the owner's) gets a turn at least this often. */
const TURN_EVERY_MS = 20;
/** A thread that sleeps turns its event loop this often. */
const SLEEP_MS = 500;

const start = threadPort().data as CpuStart;
const { port } = start;
const cells = toCells(start.shared);
const { control, figures } = cells;
const loop = new ThreadLoop({
  cells,
  post: (message, transfer) => port.postMessage(message, transfer ?? []),
  load: loadTask,
  monoMs: () => performance.now(),
});
let seenWake = 0;
let readHeapMs = Number.NEGATIVE_INFINITY;
let turnedMs = 0;

async function loadTask(name: string): Promise<CpuTask> {
  const { CPU_TASKS } = (await import(start.tasks)) as { CPU_TASKS: CpuTasks };
  const open = Object.hasOwn(CPU_TASKS, name) ? CPU_TASKS[name] : undefined;
  if (open === undefined) throw new AppError('INTERNAL', `The cpu lane knows no task "${name}".`);
  return await open();
}

/**
 * Runs what there is, then sleeps until there is more. A thread that sleeps on shared memory is woken in half the time that an
 * event of its loop takes; it lets the loop turn now and then, after its work, and whenever a task is asynchronous.
 */
function work(): void {
  let isWoken = false;
  for (;;) {
    const outcome = loop.step();
    if (typeof outcome === 'object') {
      void outcome.then(turn);
      return;
    }
    if (outcome) continue;
    const nowMs = performance.now();
    if (nowMs - readHeapMs >= READ_HEAP_EVERY_MS) writeHeap(nowMs);
    if (!isWoken && nowMs - turnedMs >= TURN_EVERY_MS) return turn();
    isWoken = !receive() && sleep();
  }
}

function turn(): void {
  setImmediate(() => {
    turnedMs = performance.now();
    work();
  });
}

function receive(): boolean {
  const received = receiveMessageOnPort(port);
  if (received === undefined) return false;
  loop.receive(received.message as GroupMessage);
  return true;
}

/** Whether it was woken. */
function sleep(): boolean {
  figures[FIGURE.busyMs]! += monotonicMs() - figures[FIGURE.busySinceMs]!;
  figures[FIGURE.busySinceMs] = 0;
  const isWoken = Atomics.wait(control, CONTROL.wake, seenWake, SLEEP_MS) !== 'timed-out';
  seenWake = Atomics.load(control, CONTROL.wake);
  figures[FIGURE.busySinceMs] = monotonicMs();
  return isWoken;
}

function writeHeap(nowMs: number): void {
  readHeapMs = nowMs;
  const heap = getHeapStatistics();
  figures[FIGURE.heapUsedBytes] = heap.used_heap_size;
  figures[FIGURE.heapLimitBytes] = heap.heap_size_limit;
  figures[FIGURE.externalBytes] = heap.external_memory;
}

// A task that waits for nothing but memory would let the thread end.
port.ref();
figures[FIGURE.busySinceMs] = monotonicMs();
writeHeap(performance.now());
port.postMessage(READY);
turn();
