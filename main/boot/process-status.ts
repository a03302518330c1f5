import { freemem, totalmem } from 'node:os';
import { availableMemory, memoryUsage } from 'node:process';
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { CpuWorkers } from '../../runtime/workers/cpu-lane.ts';
import { threads } from '../../runtime/workers/thread-table.ts';
import type { MemoryStatus, ThreadStatus } from '../../shared/contract/app.ts';

/** Memory of this process and of the machine, now. */
export function readMemory(): MemoryStatus {
  const { rss, heapUsed, external } = memoryUsage();
  return {
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    heapLimitBytes: getHeapStatistics().heap_size_limit,
    externalBytes: external,
    machineBytes: totalmem(),
    availableBytes: Math.max(availableMemory(), freemem()),
  };
}

/** Main and every worker thread; the cpu lane's with the tasks they have completed. Answers at once, also while they spin. */
export function readThreads(cpuWorkers: CpuWorkers): readonly ThreadStatus[] {
  const completed = new Map(cpuWorkers.stats().map((worker) => [worker.name, worker.completed]));
  return [readMain(), ...threads().map((thread) => ({ ...thread, completed: completed.get(thread.name) }))];
}

/** Utilisation since the last look. */
let lastUtilisation = performance.eventLoopUtilization();

function readMain(): ThreadStatus {
  const now = performance.eventLoopUtilization();
  const { utilization } = performance.eventLoopUtilization(now, lastUtilisation);
  lastUtilisation = now;
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return {
    name: 'main',
    utilisationRatio: utilization,
    heapUsedBytes: used_heap_size,
    heapLimitBytes: heap_size_limit,
  };
}
