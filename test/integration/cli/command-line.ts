import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../../main/cli.ts', import.meta.url));

/** No command of a test takes this long. */
const HANGS_AFTER_MS = 90_000;

export type JsonLine = Readonly<Record<string, unknown>> & { readonly type: string };

/** What a command said and how it ended. */
export interface Ended {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs as a process of its own. */
export interface Running extends AsyncDisposable {
  readonly ended: Promise<Ended>;
  readonly pid: number;
  stdout(): string;
  /** Resolves when standard output or standard error holds `text`; rejects when the command ends before. */
  says(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the reading end of its standard output. */
  closeOutput(): void;
}

/** Starts `flotilla` with these arguments, from outside; it is killed when it lives longer than `hangsAfterMs`. */
export function start(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  hangsAfterMs: number = HANGS_AFTER_MS,
): Running {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A command that hangs must not outlive its test.
    timeout: hangsAfterMs,
    killSignal: 'SIGKILL',
  });
  const said = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code: code ?? signal, ...said }));
  });
  return {
    ended,
    pid: child.pid ?? 0,
    stdout: () => said.stdout,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!said.stdout.includes(text) && !said.stderr.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void ended.then(({ code }) => reject(new Error(`ended with ${code} without "${text}": ${said.stderr}`)));
      }),
    kill: (signal) => void child.kill(signal),
    closeOutput: () => child.stdout.destroy(),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs `flotilla` to its end. */
export async function flotilla(
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<Ended> {
  await using running = start(args, environment);
  return await running.ended;
}

/** Every line of standard output as JSON; throws when one is none. */
export function linesOf(stdout: string): JsonLine[] {
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as JsonLine]));
}

/** A folder with a data directory to be, and fleet files. */
export interface Place extends AsyncDisposable {
  readonly dataDir: string;
  /** Writes a fleet of command agents and answers its path. */
  fleet(name: string, agents: readonly FleetAgent[], more?: string): Promise<string>;
}

interface FleetAgent {
  readonly name: string;
  readonly command: readonly string[];
  readonly count?: number;
}

export async function createPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  return {
    dataDir: join(folder, 'data'),
    async fleet(name, agents, more = '') {
      const path = join(folder, `${name}.yaml`);
      const lines = agents.map(
        ({ name, command, count = 1 }) =>
          `  - { kind: command, name: ${name}, count: ${count}, prompt: go, promptBy: stdin, command: ${JSON.stringify(command)} }`,
      );
      await writeFile(path, `flotilla: 1\nname: ${name}\nagents:\n${lines.join('\n')}\n${more}`);
      return path;
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
