import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { flotilla, linesOf, start, type Ended, type JsonLine, type Running } from '../integration/cli/command-line.ts';
import { isAlive } from './marked-processes.ts';

/** A frame of a stack trace, or another thing that only programmers read. */
export const TRACE = /^\s+at .+[:(]\d+|node:internal|UnhandledPromise|\[object Object\]/m;

/** A folder with a workspace, fleet files and a data directory to be. */
export interface Site extends AsyncDisposable {
  readonly folder: string;
  readonly dataDir: string;
  /** Writes `<name>.yaml` with `flotilla` and `name` before `yaml` and answers its path. */
  fleet(name: string, yaml: string): Promise<string>;
  /** Runs a command on the data directory to its end. */
  run(
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<Ended & { readonly lines: JsonLine[] }>;
  /** Starts a command on the data directory. */
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): Running;
}

export async function createSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'program-'));
  const dataDir = join(folder, 'data');
  const there = (args: readonly string[]): string[] => [...args, '--data-dir', dataDir];
  return {
    folder,
    dataDir,
    async fleet(name, yaml) {
      const path = join(folder, `${name}.yaml`);
      await writeFile(path, `flotilla: 1\nname: ${name}\nworkspace: .\n${yaml}`);
      return path;
    },
    async run(args, environment) {
      const ended = await flotilla(there([...args, '--json']), environment);
      return { ...ended, lines: linesOf(ended.stdout) };
    },
    start: (args, environment) => start(there([...args, '--json']), environment),
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The one line of this type. */
export function only(lines: readonly JsonLine[], type: string): JsonLine {
  const found = lines.filter((line) => line.type === type);
  expect(found.map((line) => line.type)).toEqual([type]);
  return found[0]!;
}

/** The id of the run that a started `run` has announced. */
export async function runIdOf(running: Running): Promise<string> {
  await running.says('run.started');
  const line = running.stdout().split('\n')[0]!;
  return (JSON.parse(line) as { runId: string }).runId;
}

/** How a command ended, to be compared with `refusal`. */
export function endOf({ code, stdout, stderr }: Ended) {
  return { code, stdout, stderr, lines: stderr.trimEnd().split('\n').length, hasTrace: TRACE.test(stderr) };
}

/** A refusal: nothing on standard output, and one sentence (with so many `more` lines below it) that names the way out. */
export function refusal({ code, way, more = 0 }: { code: number; way: string | RegExp; more?: number }) {
  return { code, stdout: '', stderr: expect.stringMatching(way) as string, lines: 1 + more, hasTrace: false };
}

/** Every living process below `pid`. */
export function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(name);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (one: number): number[] => (children.get(one) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** Resolves when none of these lives any more. */
export async function allGone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.filter(isAlive), { timeout: 10_000, interval: 20 }).toEqual([]);
}

/** The largest resident memory a process has had; 0 once it has ended and only its entry is left. */
export function peakRssBytesOf(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) * 1_024;
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
