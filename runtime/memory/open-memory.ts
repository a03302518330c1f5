import type { Gate } from '../admission/gate.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { checkMemoryGateOptions, type MemoryGateOptions } from './gate/memory-options.ts';
import { MemoryGate, type MemoryChange, type MemoryGateStatus } from './gate/memory-gate.ts';
import { createMemoryReader, type MemoryReader } from './gate/memory-reading.ts';
import { openOwnGc } from './gc/open-own-gc.ts';
import {
  checkHeapWatchOptions,
  HeapWatch,
  type HeapWarning,
  type HeapWatchOptions,
  type WatchedHeap,
} from './heap/heap-watch.ts';
import { checkBufferPoolOptions, type BufferPoolOptions, type BufferPoolStats } from './pools/buffer-pool.ts';
import { threadBuffers } from './pools/thread-buffers.ts';
import { checkTunerOptions, type TunerOptions } from './tuner/tuner-options.ts';
import { YoungTuner, type TunerPorts, type TunerStatus, type TunerStep } from './tuner/young-tuner.ts';

/** Bounds of everything that concerns memory; all apply live. */
export interface MemoryOptions {
  readonly gate: MemoryGateOptions;
  readonly tuner: TunerOptions;
  readonly heaps: HeapWatchOptions;
  /** Of the main thread; those of other threads keep what they began with. */
  readonly buffers: BufferPoolOptions;
}

/** Something about memory that people are told. */
export type MemoryEvent =
  | { readonly kind: 'machine memory'; readonly change: MemoryChange }
  | { readonly kind: 'heap'; readonly warning: HeapWarning }
  | { readonly kind: 'tuner'; readonly step: TunerStep };

/** What memory is opened with. */
export interface MemoryPorts {
  readonly gate: Pick<Gate, 'bar'>;
  readonly clock: Clock;
  /** Of the machine this runs on unless told. */
  readonly reader?: MemoryReader;
  /** The threads whose young generation is tuned, and how a size is brought about. */
  readonly tuned: Pick<TunerPorts, 'threads' | 'youngBytes' | 'apply'>;
  /** All heaps of this process, now; answers at once. */
  readonly heaps: () => readonly WatchedHeap[];
  readonly onEvent: (event: MemoryEvent) => void;
}

/** Memory at one moment. */
export interface MemoryOverview {
  readonly gate: MemoryGateStatus;
  readonly tuner: TunerStatus;
  readonly buffers: BufferPoolStats;
}

/** Everything about memory that goes on by itself; disposing of it ends that and lifts what was held back. */
export interface Memory extends Disposable {
  /** Takes all of the options over, or, when one of them does not hold, none. @throws {AppError} SETTING_INVALID */
  configure(options: MemoryOptions): void;
  status(): MemoryOverview;
  /** Does what the tuner advises; see `YoungTuner.accept`. */
  acceptAdvice(): Promise<void>;
}

/** How often heaps are looked at; a look costs a microsecond a thread. */
const HEAPS_EVERY_MS = 1_000;

/**
 * Opens the memory gate, the tuner, the watch over heaps and the record of this thread's own collections.
 *
 * @throws {AppError} SETTING_INVALID
 */
export function openMemory(ports: MemoryPorts, options: MemoryOptions): Memory {
  checkMemoryOptions(options);
  return new OpenMemory(ports, options);
}

function checkMemoryOptions({ gate, tuner, heaps, buffers }: MemoryOptions): void {
  checkMemoryGateOptions(gate);
  checkTunerOptions(tuner);
  checkHeapWatchOptions(heaps);
  checkBufferPoolOptions(buffers);
}

class OpenMemory implements Memory {
  private readonly ports: MemoryPorts;
  private readonly own = openOwnGc('main');
  private readonly gate: MemoryGate;
  private readonly tuner: YoungTuner;
  private readonly watch: HeapWatch;
  private timer: Timer | undefined;

  constructor(ports: MemoryPorts, options: MemoryOptions) {
    const { gate, clock, reader = createMemoryReader(), tuned, onEvent } = ports;
    this.ports = ports;
    threadBuffers.configure(options.buffers);
    this.watch = new HeapWatch(options.heaps);
    this.gate = new MemoryGate({ gate, clock, reader, onChange: (change) => this.noteChange(change) }, options.gate);
    this.tuner = new YoungTuner({ clock, ...tuned, onStep: (step) => onEvent({ kind: 'tuner', step }) }, options.tuner);
    this.lookAtHeaps();
  }

  configure(options: MemoryOptions): void {
    checkMemoryOptions(options);
    const { gate, tuner } = this.status();
    threadBuffers.configure(options.buffers);
    this.watch.configure(options.heaps);
    // What has not changed goes on: a tuner that is given its aims again would begin to measure anew.
    if (hasChanged(gate.options, options.gate)) this.gate.configure(options.gate);
    if (hasChanged(tuner.options, options.tuner)) this.tuner.configure(options.tuner);
  }

  status(): MemoryOverview {
    return { gate: this.gate.status(), tuner: this.tuner.status(), buffers: threadBuffers.stats() };
  }

  acceptAdvice(): Promise<void> {
    return this.tuner.accept();
  }

  [Symbol.dispose](): void {
    this.timer?.[Symbol.dispose]();
    this.tuner[Symbol.dispose]();
    this.gate[Symbol.dispose]();
    this.own[Symbol.dispose]();
  }

  private noteChange(change: MemoryChange): void {
    if (change.level === 'short') threadBuffers.trim();
    this.ports.onEvent({ kind: 'machine memory', change });
  }

  private lookAtHeaps(): void {
    const { clock, heaps, onEvent } = this.ports;
    for (const warning of this.watch.look(heaps(), clock.monoMs())) onEvent({ kind: 'heap', warning });
    this.timer = clock.after(HEAPS_EVERY_MS, () => this.lookAtHeaps());
    this.timer.keepAlive(false);
  }
}

function hasChanged(before: object, after: object): boolean {
  const now = Object.entries(after);
  const old = new Map(Object.entries(before));
  return now.length !== old.size || now.some(([key, value]) => old.get(key) !== value);
}
