import { gcOfThreads } from '../../../runtime/memory/gc/gc-threads.ts';
import { GcWindow, type ObservedThread } from '../../../runtime/memory/tuner/gc-window.ts';
import { DEFAULT_TUNER_OPTIONS } from '../../../runtime/memory/tuner/tuner-options.ts';
import { YoungTuner } from '../../../runtime/memory/tuner/young-tuner.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { openThread, type Thread } from '../../../runtime/workers/thread.ts';
import type { Measured } from '../section.ts';
import type { AllocationCount } from './allocation-thread.ts';

const MIB = 2 ** 20;
const MODULE = new URL('./allocation-thread.ts', import.meta.url);
const NAME = 'allocates';
const OLD_BYTES = 512 * MIB;
/** What V8 gives a thread that is not told, on a machine of 16 GB and more. */
const DEFAULT_YOUNG_BYTES = 192 * MIB;

const WARM_UP_MS = 3_000;
const MEASURED_MS = 10_000;
const LOOK_EVERY_MS = 200;
/** The tuner looks faster than in a program, where it has all day. */
const TUNER_TIMES = { coolDownMs: 1_500, measureMs: 2_500, minCollections: 50 };
const TUNING_LIMIT_MS = 60_000;

/** How the thread is set up. */
export interface GcSubject {
  readonly isPooled: boolean;
  /** Lets the tuner find the young generation, from V8's default on, before the measuring. */
  readonly isTuned: boolean;
  /** A size that holds throughout. */
  readonly youngBytes?: number;
}

/** One thread under load, replaced by one with another young generation when the tuner says so. */
class Allocator implements AsyncDisposable {
  private readonly isPooled: boolean;
  private thread: Thread;
  private answered = Promise.withResolvers<AllocationCount>();

  constructor(isPooled: boolean, youngBytes: number | undefined) {
    this.isPooled = isPooled;
    this.thread = this.open(youngBytes);
  }

  async replace(youngBytes: number): Promise<void> {
    await this.thread[Symbol.asyncDispose]();
    this.thread = this.open(youngBytes);
  }

  count(): Promise<AllocationCount> {
    this.answered = Promise.withResolvers();
    this.thread.post('count');
    return this.answered.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thread[Symbol.asyncDispose]();
  }

  private open(youngBytes: number | undefined): Thread {
    const generations = {
      oldGenerationBytes: OLD_BYTES,
      ...(youngBytes !== undefined && { youngGenerationBytes: youngBytes }),
    };
    const thread = openThread({ name: NAME, module: MODULE, data: { isPooled: this.isPooled }, ...generations });
    thread.onMessage((message) => this.answered.resolve(message as AllocationCount));
    return thread;
  }
}

function observed(): readonly ObservedThread[] {
  return gcOfThreads().filter(({ name }) => name === NAME);
}

/** Measures pauses, share, memory and buffers of agent-like work in one thread. */
export async function measureGc({ isPooled, isTuned, youngBytes }: GcSubject): Promise<Measured> {
  await using allocator = new Allocator(isPooled, youngBytes);
  const foundBytes = isTuned ? await tune(allocator) : (youngBytes ?? DEFAULT_YOUNG_BYTES);
  await systemClock.sleep(WARM_UP_MS);
  const before = await allocator.count();
  const window = new GcWindow(observed());
  const startedMs = performance.now();
  const resident: number[] = [];
  while (performance.now() - startedMs < MEASURED_MS) {
    await systemClock.sleep(LOOK_EVERY_MS);
    window.add(observed());
    resident.push(process.memoryUsage.rss());
  }
  const after = await allocator.count();
  const seconds = (performance.now() - startedMs) / 1_000;
  const { pauseP50Ms, pauseP99Ms, gcRatio = 0, count, externalRatio } = window.figures();
  const steps = after.steps - before.steps;
  return {
    opsPerSec: steps / seconds,
    p50Ms: pauseP50Ms,
    p99Ms: pauseP99Ms,
    gcPercent: gcRatio * 100,
    collectionsPerSec: count / seconds,
    externalPercent: externalRatio * 100,
    residentMb: resident.toSorted((a, b) => a - b)[resident.length >> 1]! / MIB,
    buffersPer1000: Math.max(0.1, ((after.buffersMade - before.buffersMade) / steps) * 1_000),
    youngMb: foundBytes / MIB,
  };
}

/** Lets the tuner act until it holds a size; answers that. */
async function tune(allocator: Allocator): Promise<number> {
  let youngBytes = DEFAULT_YOUNG_BYTES;
  const { promise: held, resolve } = Promise.withResolvers<void>();
  using _tuner = new YoungTuner(
    {
      clock: systemClock,
      threads: observed,
      youngBytes: () => youngBytes,
      async apply(bytes) {
        await allocator.replace(bytes);
        youngBytes = bytes;
      },
      onStep({ kind, why }) {
        process.stderr.write(`  tuner: ${kind}: ${why}\n`);
        if (kind === 'held') resolve();
      },
    },
    { ...DEFAULT_TUNER_OPTIONS, mode: 'act', ...TUNER_TIMES },
  );
  // What it has found by then is what it found.
  using _limit = systemClock.after(TUNING_LIMIT_MS, resolve);
  await held;
  return youngBytes;
}
