import { freemem, totalmem } from 'node:os';
import { availableMemory, memoryUsage } from 'node:process';
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { gcOfThreads, type ThreadGc } from '../../runtime/memory/gc/gc-threads.ts';
import { pausePercentileMs } from '../../runtime/memory/gc/pause-buckets.ts';
import type { TunerStep } from '../../runtime/memory/tuner/young-tuner.ts';
import type { CpuWorkers } from '../../runtime/workers/cpu-lane.ts';
import { threads } from '../../runtime/workers/thread-table.ts';
import type { MemoryStatus, ThreadStatus } from '../../shared/contract/app.ts';
import type { MemoryGovernorStatus } from './governor/memory-governor.ts';

/** Memory of this process and of the machine, now. */
export function readMemory({ gate, tuner }: MemoryGovernorStatus): MemoryStatus {
  const { rss, heapUsed, external } = memoryUsage();
  return {
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    heapLimitBytes: getHeapStatistics().heap_size_limit,
    externalBytes: external,
    machineBytes: totalmem(),
    availableBytes: Math.max(availableMemory(), freemem()),
    gate: { level: gate.level, text: gate.text, timesShort: gate.shortCount, shortMs: gate.shortMs },
    tuner: { phase: tuner.phase, youngBytes: tuner.youngBytes, advice: toAdvice(tuner.advice ?? tuner.steps.at(-1)) },
  };
}

function toAdvice(step: TunerStep | undefined): NonNullable<MemoryStatus['tuner']>['advice'] {
  return step && { kind: step.kind, toBytes: step.toBytes, why: step.why, atMs: step.atMs };
}

/** Main and every worker thread; the cpu lane's with the tasks they have completed. Answers at once, also while they spin. */
export function readThreads(cpuWorkers: CpuWorkers): readonly ThreadStatus[] {
  const completed = new Map(cpuWorkers.stats().map((worker) => [worker.name, worker.completed]));
  const collections = new Map(gcOfThreads().map((thread) => [thread.name, toCollections(thread)]));
  return [readMain(), ...threads()].map((thread) => ({
    ...thread,
    completed: completed.get(thread.name),
    ...collections.get(thread.name),
  }));
}

function toCollections({ count, gcMs, busyMs, pauses }: ThreadGc) {
  return {
    collections: count,
    gcRatio: busyMs > 0 ? Math.min(1, gcMs / busyMs) : undefined,
    gcPauseP50Ms: pausePercentileMs(pauses, 0.5),
    gcPauseP99Ms: pausePercentileMs(pauses, 0.99),
  };
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
