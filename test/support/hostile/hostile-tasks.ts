import { CPU_TASKS as REAL_TASKS, type CpuTasks } from '../../../runtime/workers/cpu-tasks.ts';

const MIB = 2 ** 20;

/** Keeps what is allocated reachable, so that memory can only grow. */
const keptObjects: unknown[] = [];
const keptBytes: Uint8Array[] = [];

/** Every task of the program, and beside them tasks that do to a thread what none should. */
export const CPU_TASKS: CpuTasks = {
  ...REAL_TASKS,
  'hostile spin': async () => () => {
    for (;;);
  },
  'hostile heap': async () => () => {
    for (;;) keptObjects.push(Array.from({ length: 1_000 }, (_, index) => ({ index })));
  },
  'hostile buffers': async () => () => {
    for (;;) keptBytes.push(new Uint8Array(MIB).fill(1));
  },
  'hostile crash': async () => () => process.exit(7),
  'busy for': async () => (ms: number) => {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
    return ms;
  },
  'heap limit': async () => async () => (await import('node:v8')).getHeapStatistics().heap_size_limit,
};
