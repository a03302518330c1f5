/** How a program is to be started. */
export interface ProcessSpec {
  /** Program and arguments; looked up in the `PATH` of `environment`, never through a shell. */
  readonly command: readonly string[];
  /** Absolute. */
  readonly directory: string;
  /** The child's whole environment; the ownership token is added to it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. Standard input is empty without it. */
  readonly input?: string;
  /** Keeps standard input open until the program is stopped, so that a helper can end with its parent by reading it. */
  readonly keepInputOpen?: boolean;
  /** Bytes kept of standard output and of standard error each; the rest is counted and thrown away. */
  readonly maxOutputBytes: number;
  /** Limit on the time it runs. */
  readonly deadlineMs?: number;
  /** Between asking it to end (SIGTERM) and forcing it (SIGKILL). */
  readonly stopGraceMs: number;
  readonly signal?: AbortSignal;
  /** Called with each piece of standard output, decoded, until `maxOutputBytes`. */
  readonly onOutput?: (text: string) => void;
}

/** How a module of ours is to be started in a process of its own. It ends with this process, and starts nothing itself. */
export interface ModuleSpec extends Pick<
  ProcessSpec,
  'directory' | 'environment' | 'maxOutputBytes' | 'stopGraceMs' | 'onOutput'
> {
  readonly name: string;
  readonly modulePath: string;
  /** Where helpers are children of Node, the module is told to end with its standard input by `--exit-with-stdin`. */
  readonly args: readonly string[];
}

/** How a program ended. */
export interface ProcessResult {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly ended: 'by itself' | 'deadline' | 'cancelled';
  readonly stdout: string;
  readonly stderr: string;
  /** As produced, also what was thrown away. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly ms: number;
  /** Highest resident memory seen of the tree, where it can be measured: a sum over its processes every 250 ms. */
  readonly peakRssBytes: number | undefined;
  /** Processes of its tree that had to be ended after it. */
  readonly strayCount: number;
}

/** A program that was started. Nothing has to be awaited: a failed start rejects both promises, handled or not. */
export interface RunningProcess {
  /** Resolves when the program runs. */
  readonly pid: Promise<number>;
  /** Resolves when the program and its whole tree have ended. */
  readonly result: Promise<ProcessResult>;
  /** Ends the tree (ask, wait `stopGraceMs`, force) and answers `result`. Calling it again changes nothing. */
  stop(): Promise<ProcessResult>;
}

/** A process of ours as the process table shows it. */
export interface AliveProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Starts programs through a small launcher process and owns their whole trees: whatever way
 * they end (by themselves, deadline, cancellation, our own death), nothing of them stays alive.
 * What each operating system allows is written down in docs/processes.md.
 */
export interface Processes extends AsyncDisposable {
  /**
   * Starts a program; it runs until it ends by itself, its deadline, its signal, `stop` or the end of this instance.
   *
   * Both promises reject with PROGRAM_NOT_FOUND, FILE_NOT_FOUND (the directory), INPUT_INVALID (an argument no system
   * takes), PROCESS_LIMIT (retryable), LAUNCHER_LOST (retryable; the tree was stopped) or LANE_CLOSED; `pid` alone with
   * TASK_CANCELLED when it was cancelled before it ran.
   */
  start(spec: ProcessSpec): RunningProcess;
  /**
   * `start`, and its result.
   *
   * @throws {AppError} PROGRAM_NOT_FOUND, FILE_NOT_FOUND, INPUT_INVALID, PROCESS_LIMIT, LAUNCHER_LOST, LANE_CLOSED. An
   * exit code other than 0, a deadline and a cancellation are results.
   */
  run(spec: ProcessSpec): Promise<ProcessResult>;
  /** Starts a module of ours: with Node, or on the desktop as a utility process. Rejects as `start` does. */
  startModule(spec: ModuleSpec): RunningProcess;
  /** Processes alive now that this instance started, found by their token in the process table; without the launcher. */
  alive(): Promise<readonly AliveProcess[]>;
}
