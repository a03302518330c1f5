import type { Measured } from '../section.ts';
import { percentile } from '../statistics.ts';
import type { TaskName } from './plain-tasks.ts';
import type { RunTask } from './pools.ts';

/** A load of one kind of task. */
export interface Load {
  readonly name: TaskName;
  readonly input: unknown;
  readonly width: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

/** Of no-op tasks one in eight is timed: reading the clock costs as much as a tenth of one. */
const TIMED_EVERY = 8;

/** `width` callers that each submit again when their last task has ended. */
export async function closedLoopFor(run: RunTask, load: Load): Promise<Measured> {
  await loopUntil(run, load, performance.now() + load.warmUpMs, []);
  globalThis.gc?.();
  const timesMs: number[] = [];
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  const done = await loopUntil(run, load, startMs + load.measuredMs, timesMs);
  const ms = performance.now() - startMs;
  const cpu = process.cpuUsage(startCpu);
  return {
    opsPerSec: (done / ms) * 1_000,
    p50Ms: percentile(timesMs, 0.5),
    p99Ms: percentile(timesMs, 0.99),
    cpuUsPerTask: (cpu.user + cpu.system) / done,
  };
}

async function loopUntil(
  run: RunTask,
  { name, input, width }: Load,
  endMs: number,
  timesMs: number[],
): Promise<number> {
  const timedEvery = width > 1 && name !== 'spin' ? TIMED_EVERY : 1;
  let done = 0;
  let isOver = false;
  const caller = async (index: number): Promise<void> => {
    for (let turn = index; !isOver; turn++) {
      if (turn % timedEvery > 0) await run(name, input, index);
      else {
        const startMs = performance.now();
        await run(name, input, index);
        const nowMs = performance.now();
        timesMs.push(nowMs - startMs);
        isOver ||= nowMs >= endMs;
      }
      done++;
    }
  };
  await Promise.all(Array.from({ length: width }, (_, index) => caller(index)));
  return done;
}

/** One task at a time, with a pause between them that lets everything come to rest. */
export async function oneAtATime(run: RunTask, count: number): Promise<Measured> {
  const timesMs: number[] = [];
  for (let index = 0; index < count * 2; index++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const startMs = performance.now();
    await run('noop', undefined, 0);
    if (index >= count) timesMs.push(performance.now() - startMs);
  }
  return { p50Ms: percentile(timesMs, 0.5), p99Ms: percentile(timesMs, 0.99) };
}

/** One task of 100 ms among 63 of a microsecond, all at once: how long the short ones take. */
export async function mixedLengths(run: RunTask, rounds: number): Promise<Measured> {
  const timesMs: number[] = [];
  for (let round = 0; round < rounds * 2; round++) {
    const startMs = performance.now();
    const long = 1 + (round % 62);
    await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        await run('spin', index === long ? 100 : 0.001, index);
        if (index !== long && round >= rounds) timesMs.push(performance.now() - startMs);
      }),
    );
  }
  return { p50Ms: percentile(timesMs, 0.5), p99Ms: percentile(timesMs, 0.99), worstMs: Math.max(...timesMs) };
}

/** A result of 10 MB beside one of 100 KB. */
export async function largeResult(run: RunTask, rounds: number): Promise<Measured> {
  const median = async (count: number): Promise<number> => {
    const timesMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const startMs = performance.now();
      await run('madeBytes', count, 0);
      timesMs.push(performance.now() - startMs);
    }
    return percentile(timesMs.slice(rounds / 2), 0.5);
  };
  const smallMs = await median(100_000);
  const largeMs = await median(10_000_000);
  return { p50Ms: largeMs, smallMs, sizeRatio: largeMs / smallMs };
}
