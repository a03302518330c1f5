import type { Clock } from '../time/clock.ts';
import { Call } from './cpu/call.ts';
import type { CpuThread } from './cpu/cpu-thread.ts';
import { Dispatcher, type DispatchCounts } from './cpu/dispatcher.ts';
import { parseOptions, type CpuWorkersOptions, type FullCpuWorkersOptions } from './cpu/options.ts';
import { TaskNames } from './cpu/task-names.ts';
import { openThreadLink, type OpenLink } from './cpu/thread-link.ts';

export { parseOptions as checkCpuWorkers, type CpuWorkersOptions } from './cpu/options.ts';

/** How one task is run. */
interface CpuRunOptions {
  /** Limit on waiting plus running, 0 to 12 days. A task that runs then is ended with its thread. */
  readonly deadlineMs?: number;
  /** Takes a waiting task out; one that runs has 50 ms to end before its thread is ended. The call settles at once. */
  readonly signal?: AbortSignal;
  /** Whether running it twice does what running it once does: only then it is run again when its thread dies. */
  readonly isRepeatable?: boolean;
}

/** One thread at one moment; readable while it spins. */
interface CpuWorkerStats {
  readonly name: string;
  /** Part of the time since the last look at it, at least 200 ms, in which it was awake, 0..1. */
  readonly utilisationRatio: number;
  readonly heapUsedBytes: number;
  /** As measured in the thread; 0 before it has started. V8 adds the young generation and a reserve to what was asked. */
  readonly heapLimitBytes: number;
  /** Outside the heap, mostly `ArrayBuffer`s. */
  readonly externalBytes: number;
  readonly completed: number;
  /** Tasks it has, the one it runs included. */
  readonly held: number;
  readonly state: 'starting' | 'ready' | 'draining';
}

/** The lane's threads: what was asked for, what there is, what is on its way out. */
interface CpuWorkersState {
  readonly wanted: Required<CpuWorkersOptions>;
  readonly effective: {
    /** Threads that take tasks. */
    readonly workers: number;
    /** The lowest and the highest heap limit measured in a thread; `pending` while none runs. */
    readonly heapLimitBytes: { readonly lowest: number; readonly highest: number } | 'pending';
  };
  /** Threads that only finish what they run, and how many older settings of the heap they have. */
  readonly draining: { readonly workers: number; readonly editions: number };
  /** Whether heap limits wait for two older ones to have drained. */
  readonly isLimitWaiting: boolean;
  /** Tasks without a thread. */
  readonly waiting: number;
  readonly counts: DispatchCounts;
}

/** Runs named tasks in worker threads. Reached through the gate's `cpu` lane only. */
export interface CpuWorkers extends AsyncDisposable {
  /**
   * Runs `name`, a key of `runtime/workers/cpu-tasks.ts`, with structured-cloneable `input`. Tasks that come together go to a
   * thread together; one that has not begun when its thread is stuck in another goes elsewhere.
   *
   * @throws {AppError} LANE_SATURATED (with `retryAfterMs`), TASK_TIMED_OUT, TASK_CANCELLED, WORKER_LOST, WORKER_OUT_OF_MEMORY,
   * TASK_POISONED (repeatable, and two threads died under it), LANE_CLOSED, INPUT_INVALID, and what the task threw.
   */
  run<Output>(name: string, input: unknown, options?: CpuRunOptions): Promise<Output>;
  stats(): readonly CpuWorkerStats[];
  state(): CpuWorkersState;
  /**
   * Applies new settings; resolves when no thread with old ones is left, none is too many and `minWorkers` are there. What runs is let finish, what
   * waits is kept. Nothing in flight is lost. Heap limits that are asked for while two older ones drain wait, the newest only.
   *
   * @throws {AppError} SETTING_INVALID when a limit is out of bounds; nothing has changed then.
   */
  reconfigure(options: CpuWorkersOptions): Promise<void>;
}

/** What `openCpuWorkers` needs beside the settings. */
export interface CpuWorkersParts {
  readonly clock: Clock;
  /** The module that exports `CPU_TASKS`; `cpu-tasks.ts` unless a test brings its own. */
  readonly tasks?: URL;
  /** Starts a thread; a test may simulate them. */
  readonly openLink?: OpenLink;
}

const TASKS = new URL('./cpu-tasks.ts', import.meta.url);

/**
 * Opens the cpu lane; its threads start as tasks come, `minWorkers` of them at once. Disposing ends every thread and rejects
 * what is left with LANE_CLOSED.
 *
 * @throws {AppError} SETTING_INVALID when a limit is out of bounds.
 */
export function openCpuWorkers(options: CpuWorkersOptions, parts: CpuWorkersParts): CpuWorkers {
  return new OwnedCpuWorkers(parseOptions(options), parts);
}

const NO_OPTIONS: CpuRunOptions = {};

class OwnedCpuWorkers implements CpuWorkers {
  private wanted: FullCpuWorkersOptions;
  private readonly names = new TaskNames();
  private readonly dispatcher: Dispatcher;

  constructor(options: FullCpuWorkersOptions, { clock, tasks = TASKS, openLink = openThreadLink }: CpuWorkersParts) {
    this.wanted = options;
    this.dispatcher = new Dispatcher(options, { clock, tasks, open: openLink });
  }

  run<Output>(name: string, input: unknown, options: CpuRunOptions = NO_OPTIONS): Promise<Output> {
    return new Promise((resolve, reject) => {
      const task = this.names.get(name);
      const call = new Call(task, input, options.isRepeatable ?? false, resolve as (value: unknown) => void, reject);
      this.dispatcher.submit(call, options);
    });
  }

  stats(): readonly CpuWorkerStats[] {
    return this.dispatcher.crew.members.map(toStats);
  }

  state(): CpuWorkersState {
    const { crew, queue, counts } = this.dispatcher;
    const measured = crew.members.map(({ memory }) => memory.heap().heapLimitBytes).filter((bytes) => bytes > 0);
    return {
      wanted: this.wanted,
      effective: {
        workers: crew.serving.length,
        heapLimitBytes:
          measured.length === 0 ? 'pending' : { lowest: Math.min(...measured), highest: Math.max(...measured) },
      },
      draining: crew.draining(),
      isLimitWaiting: crew.isLimitWaiting,
      waiting: queue.size,
      counts: { ...counts },
    };
  }

  async reconfigure(options: CpuWorkersOptions): Promise<void> {
    this.wanted = parseOptions(options);
    await this.dispatcher.reconfigure(this.wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispatcher.close();
  }
}

function toStats(thread: CpuThread): CpuWorkerStats {
  return {
    name: thread.name,
    utilisationRatio: thread.utilisationRatio,
    ...thread.memory.heap(),
    externalBytes: thread.memory.externalBytes,
    completed: thread.completed,
    held: thread.heldCount,
    state: thread.isDraining ? 'draining' : thread.isReady ? 'ready' : 'starting',
  };
}
