import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { openGate } from '../../../runtime/admission/gate.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { openCpuWorkers } from '../../../runtime/workers/cpu-lane.ts';
import type { Group, TaskName } from './plain-tasks.ts';

/** Runs one task in a thread of the pool for caller `caller`. */
export type RunTask = (name: TaskName, input: unknown, caller: number) => Promise<unknown>;

/** Opens a pool of two threads, ready for `width` tasks at once. */
export type OpenPool = (width: number) => Promise<RunTask>;

const MB = 2 ** 20;
const THREADS = 2;
const DEADLINE_MS = 30 * 60_000;
const plainTasks = fileURLToPath(new URL('./plain-tasks.ts', import.meta.url));
const movingTasks = fileURLToPath(new URL('./moving-tasks.ts', import.meta.url));
const MOVED: ReadonlySet<TaskName> = new Set(['bytes', 'madeBytes']);
const portEntry = new URL('./port-entry.ts', import.meta.url);

function openThreads(): ReturnType<typeof openCpuWorkers> {
  const options = {
    maxWorkers: THREADS,
    minWorkers: THREADS,
    oldGenerationBytes: 256 * MB,
    youngGenerationBytes: 16 * MB,
    idleTimeoutMs: 60_000,
  };
  return openCpuWorkers(options, { clock: systemClock, tasks: new URL('./tasks.ts', import.meta.url) });
}

/** As a tool call comes: through the gate's lane, with its agent, a priority and a deadline. */
async function openOurs(width: number): Promise<RunTask> {
  const gate = openGate({ lanes: { cpu: { maxRunning: width, queueCapacity: 100_000 } }, clock: systemClock });
  const threads = openThreads();
  const owners = Array.from({ length: width }, (_, index) => ({
    owner: `01K9ZWX4T1N8R7Q2M5V6B3C0DE/${index}`,
    priority: 'normal' as const,
    deadlineMs: DEADLINE_MS,
  }));
  const limits = { deadlineMs: DEADLINE_MS, isRepeatable: true };
  return (name, input, caller) => gate.submit('cpu', () => threads.run(name, input, limits), owners[caller]);
}

async function openOursAlone(): Promise<RunTask> {
  const threads = openThreads();
  const limits = { deadlineMs: DEADLINE_MS, isRepeatable: true };
  return (name, input) => threads.run(name, input, limits);
}

/** https://piscinajs.dev/getting-started/Getting%20Started ; `move` for memory, as its documentation recommends. */
async function openPiscina(options: { concurrentTasksPerWorker?: number }): Promise<RunTask> {
  const { Piscina } = await import('piscina');
  const pool = new Piscina({ filename: plainTasks, minThreads: THREADS, maxThreads: THREADS, ...options });
  return (name, input) => pool.run(input, MOVED.has(name) ? { name, filename: movingTasks } : { name });
}

/** https://github.com/tinylibs/tinypool#readme */
async function openTinypool(): Promise<RunTask> {
  const { Tinypool } = await import('tinypool');
  const pool = new Tinypool({ filename: plainTasks, minThreads: THREADS, maxThreads: THREADS });
  return (name, input) => pool.run(input, { name }) as Promise<unknown>;
}

/** A thread that takes a group at a time. */
type RunGroup = (group: Group) => Promise<unknown[]>;

/** What ARCHITECTURE's decision 4 leads with: a piscina for each thread, what waits goes in one call. Nothing else. */
async function openGroupedPiscinas(): Promise<RunTask> {
  const { Piscina } = await import('piscina');
  return groupBy(
    Array.from({ length: THREADS }, () => {
      const pool = new Piscina({ filename: plainTasks, name: 'runGroup', minThreads: 1, maxThreads: 1 });
      return (group) => pool.run(group) as Promise<unknown[]>;
    }),
  );
}

/** The same over bare messages: the ceiling of what copies its groups. */
async function openGroupedPorts(): Promise<RunTask> {
  return groupBy(
    Array.from({ length: THREADS }, () => {
      const worker = new Worker(portEntry);
      let settle: (answers: unknown[]) => void = () => {};
      worker.on('message', (answers: unknown[]) => settle(answers));
      return (group) =>
        new Promise((resolve) => {
          settle = resolve;
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of this process, not a window
          worker.postMessage(group);
        });
    }),
  );
}

interface Waiting {
  readonly name: TaskName;
  readonly input: unknown;
  readonly resolve: (value: unknown) => void;
}

/** Each free thread takes its share of what waits. */
function groupBy(threads: readonly RunGroup[]): RunTask {
  const free = [...threads];
  const waiting: Waiting[] = [];
  let willFlush = false;
  const flush = (): void => {
    willFlush = false;
    while (free.length > 0 && waiting.length > 0) {
      const thread = free.pop()!;
      const group = waiting.splice(0, Math.ceil(waiting.length / (free.length + 1)));
      void thread({ names: group.map(({ name }) => name), inputs: group.map(({ input }) => input) }).then((answers) => {
        group.forEach(({ resolve }, index) => resolve(answers[index]));
        free.push(thread);
        flushSoon();
        return undefined;
      });
    }
  };
  const flushSoon = (): void => {
    if (willFlush) return;
    willFlush = true;
    queueMicrotask(flush);
  };
  return (name, input) =>
    new Promise((resolve) => {
      waiting.push({ name, input, resolve });
      flushSoon();
    });
}

export const OURS = 'flotilla';
export const OURS_ALONE = 'flotilla, threads alone';
export const PISCINA = 'piscina';
export const PISCINA_16 = 'piscina, 16 at once';
export const PORTS = 'groups over ports, by hand';

/** The subjects of every scenario, in the order in which they run. */
export const POOLS: Readonly<Record<string, OpenPool>> = {
  [OURS]: openOurs,
  [OURS_ALONE]: openOursAlone,
  [PISCINA]: () => openPiscina({}),
  [PISCINA_16]: () => openPiscina({ concurrentTasksPerWorker: 16 }),
  tinypool: openTinypool,
  'a piscina a thread, grouped': openGroupedPiscinas,
  [PORTS]: openGroupedPorts,
};
