import { monitorEventLoopDelay, performance, PerformanceObserver } from 'node:perf_hooks';
import type { EventSink } from '../../shared/events/event-sink.ts';
import type { Gate } from '../admission/gate.ts';
import type { Clock, Timer } from '../time/clock.ts';
import type { CpuWorkers } from '../workers/cpu-lane.ts';
import { threads } from '../workers/thread-table.ts';

/** What `openMetrics` is told. */
export interface MetricsOptions {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly cpuWorkers: CpuWorkers;
  readonly sink: EventSink;
  readonly everyMs: number;
}

/** Figures by name; each name says its unit. */
export type MetricValues = Readonly<Record<string, number>>;

/** Adds values of its own to a frame that is about to leave; `values` are those of the process itself. */
export type FrameSource = (atMs: number, values: MetricValues) => MetricValues;

/** The figures of the process. */
export interface Metrics extends Disposable {
  /** The process's own values of the last frame; `undefined` before the first. */
  readonly latest: MetricValues | undefined;
  /** Asks `source` at each frame, until disposed of. */
  add(source: FrameSource): Disposable;
}

type Values = Record<string, number>;

/**
 * Emits one `metric.frame` every `everyMs` until it is disposed of; the timer does not keep the process alive.
 *
 * Keys name their unit. `main.*` is this thread over the time since the last frame; `lane.<name>.*` and `cpu.completed` count
 * from the opening on; `thread.<name>.*` are the worker threads as they last said, a spinning one too.
 */
export function openMetrics(options: MetricsOptions): Metrics {
  const { clock, sink, everyMs } = options;
  const main = watchMain();
  const sources = new Set<FrameSource>();
  let latest: MetricValues | undefined;
  let timer: Timer;
  const arm = (): void => {
    timer = clock.after(everyMs, () => {
      arm();
      const atMs = clock.nowMs();
      const own = { ...main.takeValues(), ...laneValues(options.gate), ...threadValues(options.cpuWorkers) };
      latest = own;
      const values = Object.assign({}, own, ...[...sources].map((source) => source(atMs, own))) as Values;
      sink.emit({ type: 'metric.frame', atMs, values });
    });
    timer.keepAlive(false);
  };
  arm();
  return {
    get latest() {
      return latest;
    },
    add(source) {
      sources.add(source);
      return { [Symbol.dispose]: () => void sources.delete(source) };
    },
    [Symbol.dispose]: () => {
      timer[Symbol.dispose]();
      main[Symbol.dispose]();
    },
  };
}

/** How often the loop's delay is looked at; the interval is part of what Node's histogram records, and taken off again. */
const LOOP_RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/** Watches this thread's event loop, garbage collector and memory. */
function watchMain(): Disposable & { takeValues(): Values } {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delay.enable();
  let pauseTotalMs = 0;
  let pauseMaxMs = 0;
  let pauseCount = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      pauseTotalMs += duration;
      pauseMaxMs = Math.max(pauseMaxMs, duration);
      pauseCount++;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  let lastUtilisation = performance.eventLoopUtilization();
  const delayMs = (recordedNs: number): number => Math.max(0, recordedNs / NS_PER_MS - LOOP_RESOLUTION_MS);
  return {
    takeValues() {
      const utilisation = performance.eventLoopUtilization();
      const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
      const values: Values = {
        'main.loopDelayP50Ms': delay.count === 0 ? 0 : delayMs(delay.percentile(50)),
        'main.loopDelayP99Ms': delay.count === 0 ? 0 : delayMs(delay.percentile(99)),
        'main.loopDelayMaxMs': delay.count === 0 ? 0 : delayMs(delay.max),
        'main.utilisationRatio': performance.eventLoopUtilization(utilisation, lastUtilisation).utilization,
        'main.gcPauseTotalMs': pauseTotalMs,
        'main.gcPauseMaxMs': pauseMaxMs,
        'main.gcPauseCount': pauseCount,
        'main.rssBytes': rss,
        'main.heapUsedBytes': heapUsed,
        'main.externalBytes': external,
        'main.arrayBufferBytes': arrayBuffers,
      };
      lastUtilisation = utilisation;
      delay.reset();
      pauseTotalMs = pauseMaxMs = pauseCount = 0;
      return values;
    },
    [Symbol.dispose]: () => {
      delay.disable();
      observer.disconnect();
    },
  };
}

function laneValues(gate: Gate): Values {
  const values: Values = {};
  for (const lane of gate.stats()) {
    const key = `lane.${lane.name}`;
    for (const field of [
      'running',
      'waiting',
      'maxRunning',
      'completed',
      'failed',
      'refused',
      'timedOut',
      'cancelled',
    ] as const) {
      values[`${key}.${field}`] = lane[field];
    }
    for (const field of ['waitP50Ms', 'waitP99Ms', 'runP50Ms', 'runP99Ms'] as const) {
      const value = lane[field];
      if (value !== undefined) values[`${key}.${field}`] = value;
    }
  }
  return values;
}

function threadValues(cpuWorkers: CpuWorkers): Values {
  const workers = cpuWorkers.stats();
  const values: Values = {
    'cpu.threads': workers.length,
    'cpu.completed': workers.reduce((sum, { completed }) => sum + completed, 0),
  };
  for (const thread of threads()) {
    const key = `thread.${thread.name}`;
    values[`${key}.utilisationRatio`] = thread.utilisationRatio;
    values[`${key}.heapUsedBytes`] = thread.heapUsedBytes;
    values[`${key}.heapLimitBytes`] = thread.heapLimitBytes;
  }
  return values;
}
