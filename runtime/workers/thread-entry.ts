import { workerData } from 'node:worker_threads';
import { observeGc } from '../memory/gc/observe-gc.ts';
import { systemClock } from '../time/clock.ts';
import { heapWriter } from './shared-statistics.ts';
import { closeThread, type ThreadStart } from './thread-port.ts';

/** How often a thread says how large its heap is. */
const STATISTICS_EVERY_MS = 500;

const start = workerData as ThreadStart;
const writeHeap = heapWriter(start.statistics);

function keepWriting(): void {
  writeHeap();
  systemClock.after(STATISTICS_EVERY_MS, keepWriting).keepAlive(false);
}

keepWriting();
observeGc(start.collections);
start.control.on('message', () => void closeThread());
start.control.unref();
await import(start.module);
