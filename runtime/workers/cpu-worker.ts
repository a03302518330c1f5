import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { Clock } from '../time/clock.ts';
import type { CpuAnswer, CpuCall, CpuStart } from './cpu-entry.ts';
import { createSharedStatistics, readHeap, type HeapReading } from './shared-statistics.ts';
import type { StopSignal } from './stop-signal.ts';
import { registerThread, type RegisteredThread, type ThreadStats } from './thread-table.ts';
import { toThreadError } from './thread.ts';

const MB = 1024 * 1024;
const ENTRY = fileURLToPath(new URL('./cpu-entry.ts', import.meta.url));

/** What one worker of the cpu lane is made of. */
export interface CpuWorkerOptions {
  readonly name: string;
  /** The module that exports `CPU_TASKS`. */
  readonly tasks: URL;
  readonly oldGenerationBytes: number;
  readonly youngGenerationBytes: number;
  readonly idleTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * One thread of the cpu lane and the piscina around it, which starts the thread with its first task, ends it when it has been
 * idle, and starts another when it died. One task at a time: ending a thread then ends no other task.
 */
export class CpuWorker implements AsyncDisposable {
  readonly name: string;
  completed = 0;
  private readonly options: CpuWorkerOptions;
  private readonly pool: Piscina<CpuCall, CpuAnswer>;
  private readonly statistics = createSharedStatistics();
  private readonly entry: RegisteredThread;
  private readonly openedMs: number;
  private busyMs = 0;
  private busySinceMs: number | undefined;

  constructor(options: CpuWorkerOptions) {
    this.name = options.name;
    this.options = options;
    this.openedMs = options.clock.monoMs();
    const start: CpuStart = { tasks: fileURLToPath(options.tasks), statistics: this.statistics };
    this.pool = new Piscina<CpuCall, CpuAnswer>({
      filename: ENTRY,
      name: 'runCpuTask',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: options.idleTimeoutMs,
      workerData: start,
      recordTiming: false,
      resourceLimits: {
        maxOldGenerationSizeMb: options.oldGenerationBytes / MB,
        maxYoungGenerationSizeMb: options.youngGenerationBytes / MB,
      },
    });
    // A thread that dies between tasks takes nothing with it; the next task gets a new one.
    this.pool.on('error', () => {});
    this.entry = registerThread({ name: this.name, heap: () => this.heap(), busy: () => this.busy() });
  }

  /**
   * Runs one task; only while no other runs. An abort of `stop` ends the thread: nothing else stops one that spins.
   *
   * @throws {AppError} as `CpuWorkers.run`.
   */
  async run(name: string, input: unknown, stop: StopSignal): Promise<unknown> {
    const { clock } = this.options;
    const startedMs = clock.monoMs();
    this.busySinceMs = startedMs;
    try {
      const answer = await this.pool.run({ name, input }, stop.signal ? { signal: stop.signal } : {});
      if ('error' in answer) throw AppError.fromData(answer.error);
      return answer.value;
    } catch (error) {
      throw stop.reason() ?? this.toError(error);
    } finally {
      this.busyMs += clock.monoMs() - startedMs;
      this.busySinceMs = undefined;
      this.completed++;
    }
  }

  stats(): ThreadStats {
    return this.entry.stats();
  }

  /** Ends the thread; a task that still runs is rejected with WORKER_LOST. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.entry[Symbol.dispose]();
    await this.pool.destroy();
  }

  private heap(): HeapReading {
    return this.pool.threads.length === 0 ? { heapUsedBytes: 0, heapLimitBytes: 0 } : readHeap(this.statistics);
  }

  private busy(): { busyMs: number; livedMs: number } {
    const nowMs = this.options.clock.monoMs();
    const current = this.busySinceMs === undefined ? 0 : nowMs - this.busySinceMs;
    return { busyMs: this.busyMs + current, livedMs: nowMs - this.openedMs };
  }

  private toError(error: unknown): AppError {
    if (error instanceof AppError) return error;
    // What cannot be cloned is a defect of the task; everything else that piscina rejects with is the end of the thread.
    if (error instanceof Error && error.name === 'DataCloneError') return toAppError(error);
    const lost = toThreadError(this.name, error);
    if (lost.code !== 'WORKER_OUT_OF_MEMORY') return lost;
    const limitMb = Math.round(this.options.oldGenerationBytes / MB);
    return new AppError(
      'WORKER_OUT_OF_MEMORY',
      `The task needed more than the ${limitMb} MB that the thread ${this.name} may keep; raise the limit or give it less.`,
      { cause: error, details: { oldGenerationBytes: this.options.oldGenerationBytes } },
    );
  }
}
