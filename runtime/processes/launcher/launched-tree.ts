import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '../../time/clock.ts';
import { FRAME } from './frame.ts';
import type { EndedReport, StartedReport, StartOrder } from './launcher-order.ts';
import type { LauncherOutlet } from './launcher-outlet.ts';
import { readLinuxStart } from '../tree/linux-table.ts';
import { TOKEN_NAME, toToken } from '../tree/ownership-token.ts';
import type { ProcessEntry, ProcessTable } from '../tree/process-table.ts';
import { toStartFailure } from './start-failure.ts';
import type { TableReadings } from '../tree/table-readings.ts';
import { endTree } from '../tree/tree-end.ts';
import { findMembers, type Remembered, type TreeRoot } from '../tree/tree-members.ts';

/** After the tree has ended its pipes end too, unless somebody else holds them: after this silence they are given up. */
const PIPE_SILENCE_MS = 1_000;

/** What a tree in the launcher works with. */
export interface TreePorts {
  readonly clock: Clock;
  readonly instance: string;
  readonly outerToken: string | undefined;
  readonly readings: TableReadings;
  readonly outlet: LauncherOutlet;
}

/** One program, from its start to the end of its whole tree, inside the launcher. */
export class LaunchedTree {
  readonly id: number;
  readonly #order: StartOrder;
  readonly #ports: TreePorts;
  readonly #remembered: Remembered = new Map();
  readonly #woken = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #bytes = { stdout: 0, stderr: 0 };
  #child: ChildProcess | undefined;
  #root: TreeRoot | undefined;
  #isStopped = false;
  #isCutShort = false;
  #exitedAtMonoMs = 0;
  #peakRssBytes: number | undefined;

  constructor(id: number, order: StartOrder, ports: TreePorts) {
    this.id = id;
    this.#order = order;
    this.#ports = ports;
  }

  /** Starts the program and resolves when its tree has ended, reporting both to main. Never rejects. */
  async run(): Promise<void> {
    const { clock, outlet } = this.#ports;
    const startedAtMonoMs = clock.monoMs();
    let child: ChildProcess;
    try {
      child = await this.#spawn();
    } catch (error) {
      outlet.send(FRAME.failed, this.id, toStartFailure(error, this.#order));
      return;
    }
    const pipesEnded = this.#forward(child);
    await Promise.race([this.#exited.promise, this.#woken.promise]);
    const { strayCount } = await endTree({
      clock,
      graceMs: this.#order.stopGraceMs,
      isStopped: () => this.#isStopped,
      root: () => this.#root!,
      look: () => this.#look(),
      wait: (ms) => this.#wait(ms),
    });
    await this.#drain(pipesEnded);
    const ended: EndedReport = {
      exitCode: child.exitCode ?? undefined,
      signal: child.signalCode ?? undefined,
      stdoutBytes: this.#bytes.stdout,
      stderrBytes: this.#bytes.stderr,
      ms: this.#exitedAtMonoMs - startedAtMonoMs,
      peakRssBytes: this.#peakRssBytes,
      strayCount,
      isCutShort: this.#isCutShort,
    };
    outlet.send(FRAME.ended, this.id, ended);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  }

  /** Writes a piece of the program's input, and asks for the next when it was taken. */
  write(bytes: Buffer): void {
    this.#child?.stdin?.write(bytes, (error) => {
      if (!error) this.#ports.outlet.send(FRAME.inputWanted, this.id);
    });
  }

  closeInput(): void {
    this.#child?.stdin?.end();
  }

  /** Begins to end the tree; `run` resolves when it has ended. */
  stop(): void {
    this.#isStopped = true;
    this.#isCutShort ||= this.#root?.isCollected === false;
    if (this.#order.input === 'open') this.closeInput();
    this.#woken.resolve();
  }

  /** Adds up the tree's resident memory in `table`, which also remembers its members. */
  sample(table: ProcessTable): void {
    if (!this.#root) return;
    const members = findMembers(table, this.#root, new Map(), this.#remembered);
    if (members.length === 0) return;
    const rssBytes = members.reduce((sum, entry) => sum + entry.rssBytes, 0);
    this.#peakRssBytes = Math.max(this.#peakRssBytes ?? 0, rssBytes);
  }

  async #spawn(): Promise<ChildProcess> {
    const { command, directory, environment, input } = this.#order;
    const { instance, outerToken, outlet } = this.#ports;
    const child = spawn(command[0]!, command.slice(1), {
      cwd: directory,
      env: { [TOKEN_NAME]: toToken(instance, this.id, outerToken), ...withoutToken(environment) },
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: [input === 'none' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    child.stdin?.on('error', ignoreBrokenPipe);
    const { pid } = child;
    if (pid === undefined) throw await new Promise((resolve) => child.once('error', resolve));
    const startedAt = process.platform === 'linux' ? readLinuxStart(pid) : undefined;
    this.#child = child;
    this.#root = { id: this.id, pid, startedAt, isCollected: false };
    child.once('exit', () => {
      this.#root = { id: this.id, pid, startedAt, isCollected: true };
      this.#exitedAtMonoMs = this.#ports.clock.monoMs();
      this.#exited.resolve();
    });
    const started: StartedReport = { pid, startedAt };
    outlet.send(FRAME.started, this.id, started);
    return child;
  }

  /** Forwards both outputs, each up to its cap; what comes after is counted and thrown away, so that the program never blocks on it. */
  #forward(child: ChildProcess): Promise<unknown> {
    const forward = (stream: Readable, name: 'stdout' | 'stderr'): Promise<void> => {
      const { outlet } = this.#ports;
      outlet.addSource(stream);
      stream.on('data', (chunk: Buffer) => {
        const room = this.#order.maxOutputBytes - this.#bytes[name];
        this.#bytes[name] += chunk.length;
        if (room > 0) outlet.sendBytes(FRAME[name], this.id, chunk.subarray(0, room));
        if (room <= chunk.length) outlet.removeSource(stream);
      });
      return new Promise((resolve) => {
        stream.once('close', () => {
          outlet.removeSource(stream);
          resolve();
        });
      });
    };
    return Promise.all([forward(child.stdout!, 'stdout'), forward(child.stderr!, 'stderr')]);
  }

  /** Resolves when everything the programs wrote has been forwarded. Waiting for main to read it is not silence. */
  async #drain(pipesEnded: Promise<unknown>): Promise<void> {
    const { clock, outlet } = this.#ports;
    const ended = pipesEnded.then(() => true);
    for (let seenBytes = -1; ;) {
      const bytes = this.#bytes.stdout + this.#bytes.stderr;
      if (!outlet.isBlocked && bytes === seenBytes) return;
      seenBytes = bytes;
      if (await Promise.race([ended, clock.sleep(PIPE_SILENCE_MS)])) return;
    }
  }

  async #look(): Promise<readonly ProcessEntry[]> {
    const { table, owned } = await this.#ports.readings.fresh();
    return findMembers(table, this.#root!, owned, this.#remembered);
  }

  /** Waits, but not beyond the end of the root or the order to stop, when these are still to come. */
  async #wait(ms: number): Promise<void> {
    const events = [];
    if (!this.#root!.isCollected) events.push(this.#exited.promise);
    if (!this.#isStopped) events.push(this.#woken.promise);
    await Promise.race([this.#ports.clock.sleep(ms), ...events]);
  }
}

function withoutToken(environment: Readonly<Record<string, string>>): Record<string, string> {
  const { [TOKEN_NAME]: _own, ...rest } = environment;
  return rest;
}

/** A program that closes its input or ends before it has read all of it is no failure. */
function ignoreBrokenPipe(): void {}
