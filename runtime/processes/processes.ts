import { AppError } from '../../shared/errors/app-error.ts';
import type { Clock } from '../time/clock.ts';
import { FRAME, type Frame } from './launcher/frame.ts';
import { endInstance, type InstanceEnd } from './tree/instance-end.ts';
import { LauncherLink } from './launcher-link.ts';
import type { StartOrder } from './launcher/launcher-order.ts';
import { readLinuxCommand } from './tree/linux-table.ts';
import type {
  AliveProcess,
  ModuleSpec,
  Processes,
  ProcessResult,
  ProcessSpec,
  RunningProcess,
} from './owned-process.ts';
import { createInstanceName, findOwnedId, TOKEN_NAME } from './tree/ownership-token.ts';
import type { StartModule } from './module-process.ts';
import { startModuleRun } from './module-run.ts';
import { findSpecFault } from './spec-fault.ts';
import { readProcessTable } from './tree/process-table.ts';
import { PATIENCE_MS, ProgramRun } from './program-run.ts';
import { toStartFailure } from './launcher/start-failure.ts';
import { TableReadings } from './tree/table-readings.ts';

/** How much longer than the longest grace a closing launcher may take before it is ended and its work done from here. */
const CLOSE_MARGIN_MS = 15_000;

/** Tokens are written as JSON numbers and frames hold ids in 32 bits. */
const MAX_ID = 2 ** 32 - 1;

/** What `openProcesses` works with. */
export interface ProcessesOptions {
  readonly clock: Clock;
  /** On the desktop; helpers are children of Node without it. */
  readonly startModule?: StartModule | undefined;
}

/** Starts the launcher process, and programs through it. Closing it stops every program: asks, waits its grace, forces. */
export function openProcesses(options: ProcessesOptions): Processes {
  return new LaunchedProcesses(options);
}

class LaunchedProcesses implements Processes {
  readonly #clock: Clock;
  readonly #startModule: StartModule | undefined;
  readonly #modules = new Set<RunningProcess>();
  readonly #instance = createInstanceName();
  readonly #runs = new Map<number, ProgramRun>();
  /** Trees that a lost launcher has left behind, while they are being ended. */
  readonly #sweeps = new Set<Promise<void>>();
  #link: LauncherLink | undefined;
  #linkClosed: Promise<void> = Promise.resolve();
  #lastId = 0;
  #heardAtMonoMs = 0;
  #hasLostLauncher = false;
  #closing: Promise<void> | undefined;

  constructor({ clock, startModule }: ProcessesOptions) {
    this.#clock = clock;
    this.#startModule = startModule;
    // Now, while this process is small: a fork costs in proportion to the memory of the one that forks.
    this.#tryOpenLink();
  }

  start(spec: ProcessSpec): RunningProcess {
    const id = (this.#lastId = (this.#lastId % MAX_ID) + 1);
    const run = new ProgramRun(id, spec, this.#clock, {
      giveUpSilent: () => this.#giveUpSilent(),
      stop: () => this.#link?.send(FRAME.stop, id),
      input: (bytes) => this.#link?.sendBytes(FRAME.input, id, bytes),
      inputEnd: () => this.#link?.send(FRAME.inputEnd, id),
    });
    const fault = this.#closing ? closedError() : findSpecFault(spec);
    if (fault) run.fail(fault);
    else if (spec.signal?.aborted) run.cancelUnstarted();
    else this.#launch(run);
    return run;
  }

  run(spec: ProcessSpec): Promise<ProcessResult> {
    return this.start(spec).result;
  }

  startModule(spec: ModuleSpec): RunningProcess {
    const { name: _name, modulePath, args, ...rest } = spec;
    const command = [process.execPath, modulePath, ...args];
    // A closed one refuses either way in the same words.
    if (!this.#startModule || this.#closing) return this.start({ ...rest, command, keepInputOpen: true });
    const running = startModuleRun(spec, this.#startModule, this.#clock);
    this.#modules.add(running);
    void running.result.finally(() => this.#modules.delete(running));
    return running;
  }

  async alive(): Promise<readonly AliveProcess[]> {
    const { entries } = await readProcessTable({ withTokens: true });
    const launcherPid = this.#link?.pid;
    const own = entries.filter(
      ({ pid, token }) => pid !== launcherPid && findOwnedId(token, this.#instance) !== undefined,
    );
    return own.map(({ pid, command }) => ({ pid, command: commandLine(pid) || command }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #launch(run: ProgramRun): void {
    const link = this.#link ?? this.#tryOpenLink();
    if (typeof link === 'object' && link instanceof AppError) return run.fail(link);
    this.#runs.set(run.id, run);
    link.keepAlive(true);
    link.send(FRAME.start, run.id, toOrder(run.spec));
    run.begin();
  }

  #tryOpenLink(): LauncherLink | AppError {
    const closed = Promise.withResolvers<void>();
    try {
      this.#link = new LauncherLink(
        { instance: this.#instance, outerToken: process.env[TOKEN_NAME] },
        {
          frame: (frame) => this.#accept(frame),
          closed: (lastWords) => {
            this.#linkLost(lastWords);
            closed.resolve();
          },
        },
        this.#startModule,
      );
    } catch (error) {
      return AppError.fromData(toStartFailure(error, LAUNCHER_ORDER));
    }
    this.#linkClosed = closed.promise;
    this.#heardAtMonoMs = this.#clock.monoMs();
    return this.#link;
  }

  #giveUpSilent(): void {
    if (this.#clock.monoMs() - this.#heardAtMonoMs >= PATIENCE_MS) this.#link?.kill();
  }

  #accept(frame: Frame): void {
    this.#heardAtMonoMs = this.#clock.monoMs();
    const run = this.#runs.get(frame.id);
    if (!run?.accept(frame)) return;
    this.#runs.delete(frame.id);
    if (this.#runs.size === 0) this.#link?.keepAlive(false);
  }

  /** What the launcher has left is ended from here, and only then are its runs told. */
  #linkLost(lastWords: string): void {
    this.#link = undefined;
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    this.#hasLostLauncher ||= !this.#closing;
    if (runs.length === 0) return;
    const sweep = this.#sweep(runs, lastWords).finally(() => this.#sweeps.delete(sweep));
    this.#sweeps.add(sweep);
  }

  async #sweep(runs: readonly ProgramRun[], lastWords: string): Promise<void> {
    const roots = runs.flatMap((run) => run.root ?? []);
    await this.#endAll(longestGraceMs(runs), { roots, lastId: this.#lastId });
    const message = 'The launcher process ended unexpectedly; its programs were stopped: start them again.';
    for (const run of runs) run.fail(new AppError('LAUNCHER_LOST', message, { details: { lastWords } }));
  }

  async #endAll(graceMs: number, which: Pick<InstanceEnd, 'roots' | 'lastId'>): Promise<void> {
    const [clock, instance] = [this.#clock, this.#instance];
    await endInstance({ clock, instance, readings: new TableReadings({ clock, instance }), graceMs, ...which });
  }

  async #close(): Promise<void> {
    const modules = Promise.all(this.#modules.values().map((module) => module.stop()));
    const link = this.#link;
    if (link) {
      const graceMs = longestGraceMs([...this.#runs.values()]);
      for (const run of this.#runs.values()) run.end('cancelled');
      link.keepAlive(true);
      link.send(FRAME.shutdown, 0);
      using _late = this.#clock.after(graceMs + CLOSE_MARGIN_MS, () => link.kill());
      const [, isClean] = await Promise.all([this.#linkClosed, link.exited]);
      this.#hasLostLauncher ||= !isClean;
    }
    await Promise.all([modules, ...this.#sweeps]);
    if (this.#hasLostLauncher) await this.#endAll(0, {});
  }
}

const LAUNCHER_ORDER: StartOrder = {
  command: [process.execPath],
  directory: '/',
  environment: {},
  input: 'none',
  maxOutputBytes: 0,
  stopGraceMs: 0,
};

function toOrder(spec: ProcessSpec): StartOrder {
  const { command, directory, environment, maxOutputBytes, stopGraceMs } = spec;
  const input = spec.keepInputOpen ? 'open' : spec.input === undefined ? 'none' : 'stream';
  return { command, directory, environment, input, maxOutputBytes, stopGraceMs };
}

function longestGraceMs(runs: readonly ProgramRun[]): number {
  return Math.max(0, ...runs.map((run) => run.spec.stopGraceMs));
}

function commandLine(pid: number): string {
  return process.platform === 'linux' ? readLinuxCommand(pid) : '';
}

function closedError(): AppError {
  return new AppError('LANE_CLOSED', 'The program is closing and starts no more processes.');
}
