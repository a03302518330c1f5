import { AppError, isAppError } from '../../shared/errors/app-error.ts';
import type { Clock } from '../time/clock.ts';
import { CpuWorker } from './cpu-worker.ts';
import { openStopSignal, type CpuCallLimits, type StopSignal } from './stop-signal.ts';

/** Settings of the cpu lane's threads. */
export interface CpuWorkersOptions {
  readonly maxWorkers: number;
  readonly oldGenerationBytes: number;
  readonly youngGenerationBytes: number;
  readonly idleTimeoutMs: number;
}

/** Runs named tasks in worker threads. Reached through the gate's `cpu` lane only. */
export interface CpuWorkers extends AsyncDisposable {
  /**
   * Runs `name`, a key of `runtime/workers/cpu-tasks.ts`, with structured-cloneable `input`.
   *
   * @throws {AppError} TASK_TIMED_OUT (the thread is ended when it does not answer), TASK_CANCELLED, WORKER_LOST,
   * WORKER_OUT_OF_MEMORY, and the `AppError` the task threw.
   */
  run<Output>(
    name: string,
    input: unknown,
    options?: { readonly deadlineMs?: number; readonly signal?: AbortSignal },
  ): Promise<Output>;
  stats(): readonly {
    readonly name: string;
    readonly utilisationRatio: number;
    readonly heapUsedBytes: number;
    readonly heapLimitBytes: number;
    readonly completed: number;
  }[];
  /**
   * Applies new settings to what starts from now on; resolves when no thread with old ones is left. What runs is let finish,
   * what waits is kept, and threads that drain count towards `maxWorkers`.
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
}

const TASKS = new URL('./cpu-tasks.ts', import.meta.url);
/** With less, a thread dies of its own start. */
const MIN_OLD_GENERATION_BYTES = 16 * 1024 * 1024;
const MIN_YOUNG_GENERATION_BYTES = 1024 * 1024;

/**
 * Opens the threads of the cpu lane; each starts with its first task. Tasks wait in order of arrival when all threads are
 * busy: the bound of that queue is the `cpu` lane's `maxRunning`. Disposing ends every thread and rejects what is left with
 * LANE_CLOSED.
 *
 * @throws {AppError} SETTING_INVALID when a limit is out of bounds.
 */
export function openCpuWorkers(options: CpuWorkersOptions, parts: CpuWorkersParts): CpuWorkers {
  checkOptions(options);
  return new OwnedCpuWorkers(options, parts);
}

class OwnedCpuWorkers implements CpuWorkers {
  private options: CpuWorkersOptions;
  private readonly clock: Clock;
  private readonly tasks: URL;
  private readonly idle: CpuWorker[] = [];
  private readonly busy = new Set<CpuWorker>();
  /** Busy workers with settings that no longer hold; each ends with its task. */
  private readonly draining = new Set<CpuWorker>();
  private readonly ending = new Set<Promise<void>>();
  private readonly waiting = new Set<PromiseWithResolvers<CpuWorker>>();
  private readonly names = new Set<string>();
  private isClosed = false;

  constructor(options: CpuWorkersOptions, parts: CpuWorkersParts) {
    this.options = options;
    this.clock = parts.clock;
    this.tasks = parts.tasks ?? TASKS;
  }

  async run<Output>(name: string, input: unknown, limits: CpuCallLimits = {}): Promise<Output> {
    if (this.isClosed) throw closed();
    using stop = openStopSignal(limits, this.clock);
    const worker = await this.take(stop);
    let isSpent = false;
    try {
      return (await worker.run(name, input, stop)) as Output;
    } catch (error) {
      isSpent = isAppError(error, 'WORKER_LOST') || isAppError(error, 'WORKER_OUT_OF_MEMORY');
      throw this.isClosed ? closed() : error;
    } finally {
      this.giveBack(worker, isSpent);
    }
  }

  stats(): ReturnType<CpuWorkers['stats']> {
    return [...this.busy, ...this.idle].map((worker) => ({ ...worker.stats(), completed: worker.completed }));
  }

  async reconfigure(options: CpuWorkersOptions): Promise<void> {
    checkOptions(options);
    const needsNewThreads =
      options.oldGenerationBytes !== this.options.oldGenerationBytes ||
      options.youngGenerationBytes !== this.options.youngGenerationBytes ||
      options.idleTimeoutMs !== this.options.idleTimeoutMs;
    this.options = options;
    if (needsNewThreads) {
      for (const worker of this.busy) this.draining.add(worker);
      for (const worker of this.idle.splice(0)) this.end(worker);
    }
    while (this.idle.length > 0 && this.idle.length + this.busy.size > options.maxWorkers) this.end(this.idle.pop()!);
    this.dispatch();
    while (this.draining.size > 0 || this.ending.size > 0 || this.busy.size > this.options.maxWorkers) {
      await this.change.promise;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    for (const waiting of this.waiting) waiting.reject(closed());
    this.waiting.clear();
    for (const worker of [...this.idle.splice(0), ...this.busy]) this.end(worker);
    await Promise.all(this.ending);
  }

  /** Renewed whenever a worker has become free or has ended. */
  private change = Promise.withResolvers<void>();

  private noteChange(): void {
    this.change.resolve();
    this.change = Promise.withResolvers<void>();
  }

  /** A worker for one task, at once when there is one. */
  private async take(stop: StopSignal): Promise<CpuWorker> {
    const waiting = Promise.withResolvers<CpuWorker>();
    const onStop = (): void => {
      if (this.waiting.delete(waiting)) waiting.reject(stop.reason());
    };
    this.waiting.add(waiting);
    if (stop.signal?.aborted) onStop();
    stop.signal?.addEventListener('abort', onStop, { once: true });
    this.dispatch();
    return waiting.promise;
  }

  private dispatch(): void {
    for (const waiting of this.waiting) {
      if (this.busy.size >= this.options.maxWorkers) return;
      const worker = this.idle.pop() ?? this.open();
      this.waiting.delete(waiting);
      this.busy.add(worker);
      waiting.resolve(worker);
    }
  }

  private giveBack(worker: CpuWorker, isSpent: boolean): void {
    this.busy.delete(worker);
    const isOld = this.draining.delete(worker);
    const isTooMany = this.idle.length + this.busy.size >= this.options.maxWorkers;
    if (this.isClosed || isSpent || isOld || isTooMany) this.end(worker);
    else this.idle.push(worker);
    this.dispatch();
    this.noteChange();
  }

  private open(): CpuWorker {
    let number = 1;
    while (this.names.has(`cpu-${number}`)) number++;
    const name = `cpu-${number}`;
    this.names.add(name);
    return new CpuWorker({ ...this.options, name, tasks: this.tasks, clock: this.clock });
  }

  private end(worker: CpuWorker): void {
    const ended = worker[Symbol.asyncDispose]().finally(() => {
      this.names.delete(worker.name);
      this.ending.delete(ended);
      this.noteChange();
    });
    this.ending.add(ended);
  }
}

function closed(): AppError {
  return new AppError('LANE_CLOSED', 'The threads of the cpu lane are closed.');
}

function checkOptions(options: CpuWorkersOptions): void {
  checkAtLeast('maxWorkers', options.maxWorkers, 1);
  checkAtLeast('oldGenerationBytes', options.oldGenerationBytes, MIN_OLD_GENERATION_BYTES);
  checkAtLeast('youngGenerationBytes', options.youngGenerationBytes, MIN_YOUNG_GENERATION_BYTES);
  checkAtLeast('idleTimeoutMs', options.idleTimeoutMs, 0);
}

function checkAtLeast(key: keyof CpuWorkersOptions, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new AppError(
    'SETTING_INVALID',
    `${key} of the cpu lane is ${value}; it takes a whole number from ${least} on.`,
  );
}
