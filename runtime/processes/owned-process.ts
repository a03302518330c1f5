/** How a program is to be started. */
export interface ProcessSpec {
  /** Program and arguments; looked up in the `PATH` of `environment`, never through a shell. */
  readonly command: readonly string[];
  /** Absolute. */
  readonly directory: string;
  /** The child's whole environment; the ownership token is added to it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
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
  /** Highest resident memory seen of the tree, where it can be measured. */
  readonly peakRssBytes: number | undefined;
  /** Processes of its tree that had to be ended after it. */
  readonly strayCount: number;
}

/**
 * Starts programs through a small launcher process and owns their whole trees: whatever way
 * they end (by themselves, deadline, cancellation, our own death), nothing of them stays alive.
 */
export interface Processes extends AsyncDisposable {
  /**
   * @throws {AppError} PROGRAM_NOT_FOUND, LAUNCHER_LOST. An exit code other than 0, a deadline and a cancellation are results.
   */
  run(spec: ProcessSpec): Promise<ProcessResult>;
  /** Processes alive now that this instance started, found by their token in the process table. */
  alive(): Promise<readonly { readonly pid: number; readonly command: string }[]>;
}
