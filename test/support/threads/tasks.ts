import { AppError } from '../../../shared/errors/app-error.ts';
import type { CpuTasks } from '../../../runtime/workers/cpu-tasks.ts';

/** Keeps what is allocated reachable, so that the heap can only grow. */
const kept: unknown[] = [];

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
  'wait for': async () => (shared: Int32Array) => {
    Atomics.add(shared, 1, 1);
    Atomics.notify(shared, 1);
    Atomics.wait(shared, 0, 0);
    return 'released';
  },
};
