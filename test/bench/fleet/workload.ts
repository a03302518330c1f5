import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Measured } from '../section.ts';

/** The fleet of the section: as in PERFORMANCE.md. */
export const FLEET = { agents: 200, callsPerAgent: 50, width: 64 } as const;
/** Agents of the same kind that run before, so that loading and compiling is not what is measured. */
const WARM_UP_AGENTS = 16;

/** What every agent is asked; the simulated model follows it call by call, one a turn. */
export const PROMPT = `Call \`noop\` ${FLEET.callsPerAgent} times, 1 at a time, with id \`call-<n>\`, then say how many succeeded.`;

/** The tool, in the form of the OpenAI protocol. */
export const NOOP_SCHEMA = {
  type: 'object',
  properties: { id: { type: 'string', description: 'Name of the call.' } },
  required: ['id'],
  additionalProperties: false,
} as const;
export const NOOP_DESCRIPTION = 'Does nothing and says ok.';

/** The simulated provider in its own process. */
export interface Simulator extends AsyncDisposable {
  readonly baseUrl: string;
  readonly caFile: string;
  /** CPU time its process has used, in milliseconds, where the system tells. */
  cpuMs(): number | undefined;
}

/** Starts the simulated provider as a program of its own, paced by nothing. */
export async function startSimulator(): Promise<Simulator> {
  const program = join(import.meta.dirname, '..', '..', '..', 'runtime', 'providers', 'simulator', 'process.ts');
  const child: ChildProcess = spawn(process.execPath, [program, '--exit-with-stdin'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const ready = JSON.parse(line) as { openaiBaseUrl: string; caFile: string };
  return {
    baseUrl: ready.openaiBaseUrl,
    caFile: ready.caFile,
    cpuMs: () => readCpuMs(child.pid),
    async [Symbol.asyncDispose]() {
      child.stdin!.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** Linux counts a process's time in hundredths of a second. */
function readCpuMs(pid: number | undefined): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

/** Runs a fleet of so many agents to its end. */
export type RunFleet = (agents: number) => Promise<{ readonly turns: number; readonly toolCalls: number }>;

/** Runs a fleet once, after a small one, and says what it took: the client's whole process, all its threads, beside the simulator's share. */
export async function measureFleet(simulator: Simulator, run: RunFleet): Promise<Measured> {
  await run(WARM_UP_AGENTS);
  const simulatorBefore = simulator.cpuMs();
  const before = process.cpuUsage();
  const startMs = performance.now();
  const { turns, toolCalls } = await run(FLEET.agents);
  const ms = performance.now() - startMs;
  const { user, system } = process.cpuUsage(before);
  const expected = FLEET.agents * FLEET.callsPerAgent;
  if (toolCalls !== expected) throw new Error(`${toolCalls} of ${expected} tool calls were made.`);
  const clientCpuMs = (user + system) / 1_000;
  const simulatorCpuMs = (simulator.cpuMs() ?? 0) - (simulatorBefore ?? 0);
  return {
    opsPerSec: (toolCalls / ms) * 1_000,
    clientCpuMsPerTurn: clientCpuMs / turns,
    totalMs: ms,
    simulatorCpuShareRatio: simulatorCpuMs / (simulatorCpuMs + clientCpuMs),
  };
}
