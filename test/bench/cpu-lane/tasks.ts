import type { CpuTasks } from '../../../runtime/workers/cpu-tasks.ts';
import { bytes, echo, madeBytes, noop, spin } from './plain-tasks.ts';

/** The same functions as every rival runs. */
export const CPU_TASKS: CpuTasks = {
  noop: async () => noop,
  echo: async () => echo,
  spin: async () => spin,
  bytes: async () => bytes,
  madeBytes: async () => madeBytes,
};
