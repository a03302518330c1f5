import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** How often the loop's delay is looked at; the interval is part of what Node's histogram records, and taken off again. */
const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/** This thread and this process between two looks. */
interface LoopFigures {
  readonly loopDelayP99Ms: number;
  readonly loopUtilisationRatio: number;
  /** Of all cores: this process with all its threads. */
  readonly cpuRatio: number;
}

/** Watches from now on; disposing of it stops that. */
export interface LoopWatch extends Disposable {
  /** The figures since the last call, or since the beginning. */
  take(): LoopFigures;
}

/** Begins to watch main's event loop and what the process uses of `cores`. */
export function watchLoop(cores: number): LoopWatch {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let utilisation = performance.eventLoopUtilization();
  let cpu = process.cpuUsage();
  let atMs = performance.now();
  return {
    take() {
      const nowMs = performance.now();
      const used = process.cpuUsage(cpu);
      const now = performance.eventLoopUtilization();
      const passedMs = Math.max(1, nowMs - atMs);
      const figures = {
        loopDelayP99Ms: delay.count === 0 ? 0 : Math.max(0, delay.percentile(99) / NS_PER_MS - RESOLUTION_MS),
        loopUtilisationRatio: performance.eventLoopUtilization(now, utilisation).utilization,
        cpuRatio: Math.min(1, (used.user + used.system) / 1_000 / passedMs / cores),
      };
      delay.reset();
      utilisation = now;
      cpu = process.cpuUsage();
      atMs = nowMs;
      return figures;
    },
    [Symbol.dispose]: () => void delay.disable(),
  };
}
