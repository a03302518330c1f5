import { pathToFileURL } from 'node:url';
import { workerData } from 'node:worker_threads';
import { AppError, toAppError, type ErrorData } from '../../shared/errors/app-error.ts';
import type { CpuTask, CpuTasks } from './cpu-tasks.ts';
import { heapWriter } from './shared-statistics.ts';

/** What a cpu worker hands to its thread. */
export interface CpuStart {
  /** Path of the module that exports `CPU_TASKS`. */
  readonly tasks: string;
  readonly statistics: SharedArrayBuffer;
}

/** One task as it is posted. */
export interface CpuCall {
  readonly name: string;
  readonly input: unknown;
}

/** How a task ended, as it is posted back: errors as data, because cloning an error loses its class and its code. */
export type CpuAnswer = { readonly value: unknown } | { readonly error: ErrorData };

const start = workerData as CpuStart;
const writeHeap = heapWriter(start.statistics);
const loaded = new Map<string, CpuTask>();

async function load(name: string): Promise<CpuTask> {
  const { CPU_TASKS } = (await import(pathToFileURL(start.tasks).href)) as { CPU_TASKS: CpuTasks };
  const open = Object.hasOwn(CPU_TASKS, name) ? CPU_TASKS[name] : undefined;
  if (open === undefined) throw new AppError('INTERNAL', `The cpu lane knows no task "${name}".`);
  const task = await open();
  loaded.set(name, task);
  return task;
}

/** Runs one task; never rejects. Called by piscina, by its name. */
export async function runCpuTask(call: CpuCall): Promise<CpuAnswer> {
  writeHeap();
  try {
    const task = loaded.get(call.name) ?? (await load(call.name));
    return { value: await task(call.input as never) };
  } catch (error) {
    return { error: toAppError(error).toData() };
  } finally {
    writeHeap();
  }
}
