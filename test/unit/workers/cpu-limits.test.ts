import { expect, test } from 'vitest';
import { openCpuWorkers, type CpuWorkers } from '../../../runtime/workers/cpu-lane.ts';
import { errorOf } from '../../support/error-of.ts';
import { manualClock, settleMicrotasks, type ManualClock } from '../../support/manual-clock.ts';
import { SimulatedThreads } from '../../support/threads/simulated-threads.ts';

const MB = 2 ** 20;

function open(): { cpu: CpuWorkers; clock: ManualClock; threads: SimulatedThreads; step: () => Promise<void> } {
  const clock = manualClock();
  const threads = new SimulatedThreads(() => clock.monoMs());
  const cpu = openCpuWorkers(
    { maxWorkers: 1, oldGenerationBytes: 64 * MB, youngGenerationBytes: 4 * MB, idleTimeoutMs: 1_000 },
    { clock, tasks: new URL('file:///simulated.ts'), openLink: threads.open },
  );
  const step = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) {
      for (const thread of threads.live) {
        thread.step();
        thread.deliver();
      }
      await settleMicrotasks();
    }
  };
  return { cpu, clock, threads, step };
}

test('a thousand deadlines come due in time, each for its own call', async () => {
  const { cpu, clock, threads } = open();
  const ends: string[] = [];
  for (let id = 0; id < 1_000; id++)
    void errorOf(cpu.run('later', { id, kind: 'answer' }, { deadlineMs: 100 + id })).then((error) =>
      ends.push((error as { code: string }).code),
    );
  await clock.advance(99);
  expect(ends).toEqual([]);
  await clock.advance(502);
  expect(ends.length).toBeGreaterThanOrEqual(500);
  expect(ends.length).toBeLessThanOrEqual(502);
  await clock.advance(600);
  expect(ends).toEqual(Array.from({ length: 1_000 }, () => 'TASK_TIMED_OUT'));
  expect(threads.runs.size).toBe(0);
});

test('one signal takes back all that wait under it, and none of the others', async () => {
  const { cpu, threads, step } = open();
  const controller = new AbortController();
  const reason = new Error('enough');
  const stopped = [0, 1, 2].map((id) =>
    errorOf(cpu.run('a', { id, kind: 'answer' }, { signal: controller.signal, deadlineMs: 10_000 })),
  );
  const other = cpu.run('a', { id: 3, kind: 'answer' }, { deadlineMs: 10_000 });
  controller.abort(reason);
  for (const error of await Promise.all(stopped))
    expect(error).toMatchObject({ code: 'TASK_CANCELLED', cause: reason });
  await expect(cpu.run('a', {}, { signal: controller.signal })).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  await step();
  await expect(other).resolves.toBe(3);
  expect([...threads.runs.keys()]).toEqual([3]);
});

test('a running task that was cancelled has 50 ms, then its thread is ended; at a deadline it is ended at once', async () => {
  const { cpu, clock, threads, step } = open();
  const controller = new AbortController();
  const cancelled = errorOf(cpu.run('a', { id: 0, kind: 'stay' }, { signal: controller.signal }));
  await step();
  const [first] = threads.live;
  controller.abort();
  expect(await cancelled).toMatchObject({ code: 'TASK_CANCELLED' });
  await clock.advance(49);
  expect(first!.isKilled).toBe(false);
  await clock.advance(1);
  expect(first!.isKilled).toBe(true);
  await step();
  const late = errorOf(cpu.run('a', { id: 1, kind: 'stay' }, { deadlineMs: 100 }));
  await step();
  const [second] = threads.live;
  await clock.advance(102);
  expect(await late).toMatchObject({ code: 'TASK_TIMED_OUT' });
  expect(second!.isKilled).toBe(true);
});
