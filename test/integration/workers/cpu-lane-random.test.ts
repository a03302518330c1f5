import { expect, test } from 'vitest';
import { isAppError } from '../../../shared/errors/app-error.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { openCpuWorkers, type CpuWorkersOptions } from '../../../runtime/workers/cpu-lane.ts';

const MB = 2 ** 20;
const MOVES = 300;
const SEEDS = [1, 2, 3];
const tasks = new URL('../../support/threads/tasks.ts', import.meta.url);

/** Numbers in [0, 1), the same for the same seed: a linear congruence with the constants of Numerical Recipes. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test.each(SEEDS)(
  'real threads under resizes, new limits, cancels, deadlines and deaths settle each task once and run none too often (seed %d)',
  async (seed) => {
    const random = seededRandom(seed);
    const pick = (count: number): number => Math.floor(random() * count);
    let options: CpuWorkersOptions = {
      maxWorkers: 2,
      oldGenerationBytes: 64 * MB,
      youngGenerationBytes: 4 * MB,
      idleTimeoutMs: 200,
    };
    await using cpu = openCpuWorkers(options, { clock: systemClock, tasks });
    const runs: { notes: Int32Array; most: number }[] = [];
    const ends: string[] = [];
    const calls: Promise<void>[] = [];
    const changes: Promise<void>[] = [];
    const cancels: AbortController[] = [];

    const submit = (): void => {
      const notes = new Int32Array(new SharedArrayBuffer(4));
      const kind = pick(30);
      const isRepeatable = pick(2) === 0;
      const name =
        kind === 0 ? 'note and exit' : kind === 1 ? 'exit unless noted' : kind === 2 ? 'note and spin' : 'note';
      const cancel = kind === 2 || pick(4) === 0 ? new AbortController() : undefined;
      if (cancel !== undefined) cancels.push(cancel);
      const deadlineMs = kind === 2 ? 30 + pick(50) : 60_000;
      const limits = { isRepeatable, deadlineMs, ...(cancel ? { signal: cancel.signal } : {}) };
      runs.push({ notes, most: isRepeatable ? 2 : 1 });
      const at = ends.push('') - 1;
      calls.push(
        cpu.run(name, notes, limits).then(
          () => void (ends[at] += 'done'),
          (error: unknown) => void (ends[at] += isAppError(error) ? error.code : String(error)),
        ),
      );
    };
    const moves = [
      submit,
      submit,
      () => Array.from({ length: pick(12) }, submit),
      () => cancels[pick(cancels.length)]?.abort(),
      () => {
        options = { ...options, maxWorkers: 1 + pick(4) };
        changes.push(cpu.reconfigure(options));
      },
      () => {
        options = { ...options, oldGenerationBytes: (64 + pick(3)) * MB };
        changes.push(cpu.reconfigure(options));
      },
    ];
    for (let move = 0; move < MOVES; move++) {
      // Changes of settings come once for ten submissions.
      moves[pick(10) === 0 ? 3 + pick(3) : pick(3)]!();
      if (pick(8) === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(cpu.stats().length).toBeLessThanOrEqual(5);
      expect(cpu.state().draining.editions).toBeLessThanOrEqual(2);
    }
    await Promise.all(calls);
    await Promise.all(changes);
    const known = new Set(['done', 'TASK_CANCELLED', 'TASK_TIMED_OUT', 'WORKER_LOST', 'TASK_POISONED']);
    expect(ends.filter((end) => !known.has(end))).toEqual([]);
    expect(runs.filter(({ notes, most }) => Atomics.load(notes, 0) > most)).toEqual([]);
    expect(cpu.stats().length).toBeLessThanOrEqual(options.maxWorkers);
    // What the random moves promise to have tried.
    expect(ends).toContain('TASK_TIMED_OUT');
    expect(ends).toContain('WORKER_LOST');
  },
);
