import { spawn } from 'node:child_process';
import { enableCompileCache } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openGate } from '../../../runtime/admission/gate.ts';
import { runCommandAgent } from '../../../runtime/agent/command-agent.ts';
import { openProcesses } from '../../../runtime/processes/processes.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { Measured, Section, Subject } from '../section.ts';
import { percentile } from '../statistics.ts';

const AGENTS = 200;
const WARM_UP_AGENTS = 10;
const GIGABYTE = 1024 ** 3;
const PIECE_BYTES = 64 * 1024 ** 2;
const MS_PER_NS = 1e-6;

/** Says that it runs, then lives until all of them do. */
const LONG = ['sh', '-c', 'echo runs; exec sleep 3'];
const SHORT = ['sh', '-c', 'echo runs'];

const environment = { PATH: process.env['PATH'] ?? '' };

/** Starts a program: `onRuns` is called with its first output, the promise resolves with its end. */
type Start = (command: readonly string[], onRuns: () => void) => Promise<unknown>;

/** Memory that is held, and really there: every page has been written. */
function hold(bytes: number): readonly Buffer[] {
  return Array.from({ length: bytes / PIECE_BYTES }, () => Buffer.alloc(PIECE_BYTES, 1));
}

/** What a program of one's own would do: `child_process.spawn`, both outputs read, nothing owned. */
const spawnBare: Start = (command, onRuns) =>
  new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), {
      cwd: '/',
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.once('data', onRuns);
    child.stderr.resume();
    child.once('error', reject).once('close', resolve);
  });

/** The whole way of a command agent: gate, lane, launcher, ownership of the tree, capped output. */
async function withAgents(measure: (start: Start) => Promise<Measured>): Promise<Measured> {
  // As the command line does for every user; the launcher inherits it.
  enableCompileCache();
  await using gate = openGate({
    clock: systemClock,
    lanes: { process: { maxRunning: AGENTS, queueCapacity: AGENTS } },
  });
  await using processes = openProcesses({ clock: systemClock });
  let index = 0;
  return await measure((command, onRuns) =>
    runCommandAgent(
      {
        kind: 'command',
        index: (index += 1),
        name: `agent-${index}`,
        prompt: 'go',
        command,
        promptBy: 'argument',
        environment: [],
      },
      {
        processes,
        gate,
        clock: systemClock,
        workspace: '/',
        owner: `run/${index}`,
        signal: new AbortController().signal,
        maxOutputBytes: 100_000,
        stopGraceMs: 2_000,
        minutes: 5,
        environmentSource: environment,
        onOutput: onRuns,
      },
    ),
  );
}

/** All agents started one after the other; measured until the last of them runs. */
async function startAll(start: Start, heldBytes: number): Promise<Measured> {
  await Promise.all(Array.from({ length: WARM_UP_AGENTS }, () => start(SHORT, () => undefined)));
  const held = hold(heldBytes);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await systemClock.sleep(100);
  delay.reset();
  const startMs = performance.now();
  const ends: Promise<unknown>[] = [];
  const runs: Promise<void>[] = [];
  for (let agent = 0; agent < AGENTS; agent += 1) {
    runs.push(new Promise((resolve) => ends.push(start(LONG, resolve))));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(runs);
  const ms = performance.now() - startMs;
  const measured = {
    opsPerSec: (AGENTS / ms) * 1_000,
    p50Ms: delay.percentile(50) * MS_PER_NS,
    p99Ms: delay.percentile(99) * MS_PER_NS,
    maxMs: delay.max * MS_PER_NS,
    heldMb: (held.length * PIECE_BYTES) / 1024 ** 2,
  };
  await Promise.all(ends);
  return measured;
}

/** Short programs, 16 at a time, from start to end. */
async function runShort(start: Start, heldBytes: number): Promise<Measured> {
  await Promise.all(Array.from({ length: WARM_UP_AGENTS }, () => start(SHORT, () => undefined)));
  const held = hold(heldBytes);
  const times: number[] = [];
  let left = AGENTS;
  const startMs = performance.now();
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const beganMs = performance.now();
      await start(SHORT, () => undefined);
      times.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: 16 }, caller));
  const opsPerSec = (AGENTS / (performance.now() - startMs)) * 1_000;
  return { opsPerSec, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), heldMb: held.length * 64 };
}

const OURS = 'Flotilla, main of 1 GB';
const SMALL = 'bare spawn, small process';
const LARGE = 'bare spawn, process of 1 GB';

function subjectsOf(measure: (start: Start, heldBytes: number) => Promise<Measured>): Record<string, Subject> {
  return {
    [OURS]: () => withAgents((start) => measure(start, GIGABYTE)),
    [SMALL]: () => measure(spawnBare, 0),
    [LARGE]: () => measure(spawnBare, GIGABYTE),
  };
}

export const section: Section = {
  name: 'processes',
  question: 'What do command agents cost a main process that holds much memory?',
  notes: [
    'Ours is the whole way of a command agent: gate, lane, launcher process, token, tree accounting, capped output, and a scan of the process table after each end. The rival starts the same programs with `child_process.spawn`, reads both outputs, and owns nothing.',
    "p50 and p99 of *start* are the delay of main's event loop (`monitorEventLoopDelay`, resolution 1 ms, so that about 1 ms is its floor); the target is p99 ≤ 5 ms. Of *short programs* they are the time from asking to the end.",
    'A target of 0.14 for the delay is the 5 ms of the target beside the 35 ms that a spawn from 1 GB was measured with.',
  ],
  scenarios: [
    {
      name: 'start',
      question: 'How fast do 200 agents run, and how long is main held up meanwhile?',
      load: '200 programs that print a line and sleep, started one after the other as fast as possible, until the last has printed; 10 before to warm up',
      subjects: subjectsOf(startAll),
      ours: [OURS],
      compare: ['opsPerSec', 'p99Ms', 'maxMs'],
      targets: [
        { ours: OURS, rival: SMALL, measure: 'opsPerSec', atLeast: 0.9 },
        { ours: OURS, rival: LARGE, measure: 'p99Ms', atMost: 0.14 },
      ],
    },
    {
      name: 'short programs',
      question: 'What does owning the tree cost a program that ends at once?',
      load: '200 programs that print a line and end, closed loop of 16; 10 before to warm up',
      subjects: subjectsOf(runShort),
      ours: [OURS],
      compare: ['opsPerSec', 'p50Ms', 'p99Ms'],
    },
  ],
};
