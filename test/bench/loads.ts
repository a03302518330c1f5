import type { Measured } from './section.ts';
import { percentile, seededRandom } from './statistics.ts';

/** Submits one piece of work for caller `caller` and resolves when it has ended. */
export type Submit = (work: () => Promise<void>, caller: number) => Promise<unknown>;

export async function noop(): Promise<void> {}

/** Callers that each submit again as soon as their last task has ended, for `warmUp` and then `total` tasks. */
export async function closedLoop(submit: Submit, width: number, total: number, warmUp: number): Promise<Measured> {
  const callers = async (count: number): Promise<void> => {
    let left = count;
    const caller = async (index: number): Promise<void> => {
      while (left-- > 0) await submit(noop, index);
    };
    await Promise.all(Array.from({ length: width }, (_, index) => caller(index)));
  };
  await callers(warmUp);
  globalThis.gc?.();
  const startMs = performance.now();
  await callers(total);
  return { opsPerSec: (total / (performance.now() - startMs)) * 1_000 };
}

/** All tasks submitted in one go. */
export async function flood(submit: Submit, total: number, work: () => Promise<void> = noop): Promise<Measured> {
  const startMs = performance.now();
  const all: Promise<unknown>[] = Array.from({ length: total });
  for (let index = 0; index < total; index++) all[index] = submit(work, index);
  await Promise.all(all);
  const ms = performance.now() - startMs;
  return { opsPerSec: (total / ms) * 1_000, totalMs: ms };
}

/** How an open load is made. */
export interface OpenLoad {
  readonly perSec: number;
  readonly durationMs: number;
  readonly work: () => Promise<void>;
  readonly seed: number;
}

/**
 * Arrivals at random (Poisson) that do not wait for answers. Times are from the intended arrival to the start of the work, so
 * that a subject that holds up the loop is not forgiven for it (coordinated omission).
 */
export async function openLoad(submit: Submit, load: OpenLoad): Promise<Measured> {
  const random = seededRandom(load.seed);
  const waitsMs: number[] = [];
  const open: Promise<unknown>[] = [];
  const startMs = performance.now();
  let dueMs = startMs;
  const untilMs = startMs + load.durationMs;
  while (dueMs < untilMs) {
    while (performance.now() < dueMs) await new Promise((resolve) => setImmediate(resolve));
    const intendedMs = dueMs;
    open.push(
      submit(() => {
        waitsMs.push(performance.now() - intendedMs);
        return load.work();
      }, open.length),
    );
    dueMs += (-Math.log(1 - random()) / load.perSec) * 1_000;
  }
  await Promise.all(open);
  const opsPerSec = (open.length / (performance.now() - startMs)) * 1_000;
  return {
    opsPerSec,
    p50Ms: percentile(waitsMs, 0.5),
    p99Ms: percentile(waitsMs, 0.99),
    p999Ms: percentile(waitsMs, 0.999),
  };
}
