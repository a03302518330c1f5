import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import type Electron from 'electron';
import { app } from './app.ts';

type Part = Pick<Electron.UtilityProcess, 'postMessage' | 'kill' | 'pid' | 'stdout' | 'stderr'>;

const PARENT_PORT = new URL('./parent-port.ts', import.meta.url).href;

class StandInUtilityProcess extends EventEmitter implements Part {
  readonly #child: ChildProcess;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;

  constructor(
    modulePath: string,
    args: readonly string[],
    { env, execArgv = [], cwd, serviceName = '' }: Electron.ForkOptions,
  ) {
    super();
    this.#child = fork(modulePath, [...args], {
      ...(cwd !== undefined && { cwd }),
      env: (env ?? process.env) as NodeJS.ProcessEnv,
      execArgv: ['--import', PARENT_PORT, ...execArgv],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.stdout = this.#child.stdout;
    this.stderr = this.#child.stderr;
    const pid = this.#child.pid ?? 0;
    app.utilities.set(pid, serviceName);
    this.#child.on('spawn', () => this.emit('spawn'));
    this.#child.on('message', (message) => this.emit('message', message));
    this.#child.on('error', () => undefined);
    this.#child.on('exit', (code) => {
      app.utilities.delete(pid);
      this.emit('exit', code ?? 1);
    });
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null ? this.#child.pid : undefined;
  }

  postMessage(message: unknown): void {
    if (this.#child.connected) this.#child.send(message as object, () => undefined);
  }

  kill(): boolean {
    return this.#child.kill();
  }
}

/** Electron's `utilityProcess`. */
export const utilityProcess = {
  fork: (modulePath: string, args: readonly string[] = [], options: Electron.ForkOptions = {}) =>
    new StandInUtilityProcess(modulePath, args, options),
};
