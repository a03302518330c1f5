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
  reconfigure(options: CpuWorkersOptions): Promise<void>;
}
