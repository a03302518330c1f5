import { getHeapStatistics } from 'node:v8';
import type { Gate } from '../../../runtime/admission/gate.ts';
import { MemoryGate, type MemoryGateStatus } from '../../../runtime/memory/gate/memory-gate.ts';
import type { MemoryGateOptions } from '../../../runtime/memory/gate/memory-options.ts';
import { createMemoryReader, type MemoryReader } from '../../../runtime/memory/gate/memory-reading.ts';
import { gcOfThreads, openGcPlace } from '../../../runtime/memory/gc/gc-threads.ts';
import { observeGc } from '../../../runtime/memory/gc/observe-gc.ts';
import { HeapWatch, type WatchedHeap } from '../../../runtime/memory/heap/heap-watch.ts';
import { threadBuffers } from '../../../runtime/memory/pools/thread-buffers.ts';
import { DEFAULT_TUNER_OPTIONS, type TunerOptions } from '../../../runtime/memory/tuner/tuner-options.ts';
import { type TunerStatus, YoungTuner } from '../../../runtime/memory/tuner/young-tuner.ts';
import type { Clock, Timer } from '../../../runtime/time/clock.ts';
import { threads } from '../../../runtime/workers/thread-table.ts';
import type { SettingsValues } from '../../../shared/settings/settings.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Log } from '../log.ts';

/** What the governor works on. */
export interface MemoryGovernorParts {
  readonly gate: Pick<Gate, 'bar'>;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  /** Tells every live run. */
  readonly tell: (level: 'info' | 'warning', text: string) => void;
  /** A test may say how much memory there is. */
  readonly reader?: MemoryReader | undefined;
}

/** How often the heaps of threads are looked at, and for how many looks one must be near its limit. */
const LOOK_EVERY_MS = 1_000;
const LOOKS = 3;

/** Memory and its collection as they stand. */
export interface MemoryGovernorStatus {
  readonly gate: MemoryGateStatus;
  readonly tuner: TunerStatus;
}

/** Holds back starts while memory is short, warns of heaps near their limits, and tunes the young generation of the threads. */
export class MemoryGovernor implements Disposable {
  readonly #parts: MemoryGovernorParts;
  readonly #gate: MemoryGate;
  readonly #heaps: HeapWatch;
  readonly #tuner: YoungTuner;
  readonly #owned = new DisposableStack();
  #timer: Timer | undefined;

  constructor(parts: MemoryGovernorParts, values: SettingsValues) {
    const { gate, settings, clock, log, tell, reader = createMemoryReader() } = parts;
    this.#parts = parts;
    const main = this.#owned.use(openGcPlace('main', readMainBusyMs));
    this.#owned.use(observeGc(main.shared));
    const onChange = ({ level, text }: { level: string; text: string }): void => {
      log.warn({ level }, text);
      if (level === 'short') threadBuffers.trim();
      tell(level === 'short' ? 'warning' : 'info', text);
    };
    this.#gate = this.#owned.use(new MemoryGate({ gate, clock, reader, onChange }, toGateOptions(values)));
    this.#heaps = new HeapWatch(toHeapOptions(values));
    this.#tuner = this.#owned.use(
      new YoungTuner(
        {
          clock,
          threads: () => gcOfThreads().filter(({ name }) => name.startsWith('cpu-')),
          youngBytes: () => settings.values()['cpu.youngGenerationBytes'],
          apply: async (youngBytes) => void (await settings.set({ 'cpu.youngGenerationBytes': youngBytes }, 'tuner')),
          onStep: ({ kind, fromBytes, toBytes, why }) => log.info({ tuner: kind, fromBytes, toBytes }, why),
        },
        toTunerOptions(values),
      ),
    );
    threadBuffers.configure({ maxIdleBytes: values['memory.pooledBytes'] });
    this.#arm();
  }

  /** @throws {AppError} SETTING_INVALID */
  apply(values: SettingsValues, changed: readonly string[]): void {
    if (changed.some((key) => key.startsWith('memory.'))) {
      this.#gate.configure(toGateOptions(values));
      this.#heaps.configure(toHeapOptions(values));
      threadBuffers.configure({ maxIdleBytes: values['memory.pooledBytes'] });
    }
    if (changed.some((key) => key.startsWith('gc.'))) this.#tuner.configure(toTunerOptions(values));
  }

  status(): MemoryGovernorStatus {
    return { gate: this.#gate.status(), tuner: this.#tuner.status() };
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#owned.dispose();
  }

  #arm(): void {
    const { clock, log, tell } = this.#parts;
    this.#timer = clock.after(LOOK_EVERY_MS, () => {
      for (const { kind, text, thread } of this.#heaps.look([readMainHeap(), ...threads()], clock.monoMs())) {
        log.warn({ thread }, text);
        tell(kind === 'near limit' ? 'warning' : 'info', text);
      }
      this.#arm();
    });
    this.#timer.keepAlive(false);
  }
}

function readMainHeap(): WatchedHeap {
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return { name: 'main', heapUsedBytes: used_heap_size, heapLimitBytes: heap_size_limit };
}

/** Time the main thread has been busy since it started, in milliseconds. */
function readMainBusyMs(): number {
  return performance.eventLoopUtilization().active;
}

function toGateOptions(values: SettingsValues): MemoryGateOptions {
  return {
    mode: values['memory.gate'],
    minAvailableBytes: values['memory.minAvailableBytes'],
    maxPressureRatio: values['memory.maxPressureRatio'],
    resumeRatio: values['memory.resumeRatio'],
    settleMs: values['memory.settleMs'],
    lookEveryMs: values['memory.lookEveryMs'],
    floorRunning: values['memory.floorRunning'],
  };
}

function toHeapOptions(values: SettingsValues) {
  return { softLimitRatio: values['memory.softHeapRatio'], looks: LOOKS };
}

function toTunerOptions(values: SettingsValues): TunerOptions {
  return {
    ...DEFAULT_TUNER_OPTIONS,
    mode: values['gc.tuner'],
    pauseTargetMs: values['gc.pauseTargetMs'],
    gcTargetRatio: values['gc.maxShareRatio'],
    minYoungBytes: values['gc.minYoungBytes'],
    maxYoungBytes: values['gc.maxYoungBytes'],
    coolDownMs: values['gc.coolDownMs'],
    measureMs: values['gc.measureMs'],
  };
}
