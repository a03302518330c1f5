import { getHeapStatistics } from 'node:v8';
import { threadId } from 'node:worker_threads';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { CpuTasks } from '../../../runtime/workers/cpu-tasks.ts';

/** Keeps what is allocated reachable, so that the heap can only grow. */
const kept: unknown[] = [];

const bytesKept: Uint8Array[] = [];

/** Tasks that do to a thread what real ones should not. */
export const CPU_TASKS: CpuTasks = {
  add: async () => (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0),
  'add later': async () => async (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0),
  refuse: async () => (path: string) => {
    throw new AppError('FILE_NOT_FOUND', `There is no ${path}.`, { details: { path } });
  },
  break: async () => () => {
    throw new TypeError('not a function');
  },
  spin: async () => () => {
    for (;;);
  },
  exit: async () => () => process.exit(7),
  'fill the heap': async () => () => {
    for (;;) kept.push(Array.from({ length: 1_000 }, (_, index) => ({ index })));
  },
  echo: async () => (value: unknown) => value,
  'echo unknown': async () => (value: unknown) => ({ value, call: () => {} }),
  'busy for': async () => (ms: number) => {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
    return ms;
  },
  'note and exit': async () => (notes: Int32Array) => {
    Atomics.add(notes, 0, 1);
    process.exit(7);
  },
  'exit unless noted': async () => (notes: Int32Array) => {
    if (Atomics.add(notes, 0, 1) === 0) process.exit(7);
    return 'second time';
  },
  note: async () => (notes: Int32Array) => Atomics.add(notes, 0, 1) + 1,
  'note and spin': async () => (notes: Int32Array) => {
    Atomics.add(notes, 0, 1);
    for (;;);
  },
  'measure heap': async () => () => getHeapStatistics().heap_size_limit,
  'make bytes': async () => (count: number) => new Uint8Array(count).fill(7),
  'make bytes inside': async () => (count: number) => ({ name: 'inside', bytes: new Uint8Array(count).fill(7) }),
  'make part of bytes': async () => (count: number) => new Uint8Array(count * 2).fill(7).subarray(0, count),
  'keep bytes': async () => (count: number) => {
    bytesKept.push(new Uint8Array(count).fill(1));
    return bytesKept.length;
  },
  'fill with bytes': async () => () => {
    for (;;) bytesKept.push(new Uint8Array(4 * 2 ** 20).fill(1));
  },
  'thread id': async () => () => threadId,
  'wait for': async () => (shared: Int32Array) => {
    Atomics.add(shared, 1, 1);
    Atomics.notify(shared, 1);
    Atomics.wait(shared, 0, 0);
    return 'released';
  },
};
