import { describe, expect, test } from 'vitest';
import { Call, CallQueue } from '../../../runtime/workers/cpu/call.ts';
import { parseOptions, type CpuWorkersOptions } from '../../../runtime/workers/cpu/options.ts';
import { TaskName, TaskNames } from '../../../runtime/workers/cpu/task-names.ts';
import { findTransferables } from '../../../runtime/workers/cpu/transferables.ts';

const MB = 2 ** 20;

describe('the queue of calls', () => {
  const calls = Array.from(
    { length: 6 },
    (_, id) =>
      new Call(
        new TaskName(0, 'a'),
        id,
        false,
        () => {},
        () => {},
      ),
  );
  const [a, b, c, d, e, f] = calls as [Call, Call, Call, Call, Call, Call];

  function empty(queue: CallQueue): unknown[] {
    const inputs: unknown[] = [];
    for (let call = queue.shift(); call !== undefined; call = queue.shift()) inputs.push(call.input);
    return inputs;
  }

  test('keeps order, also of what comes back to its front', () => {
    const queue = new CallQueue();
    queue.pushBack(c);
    queue.pushBack(d);
    queue.pushFront([a, b]);
    expect([queue.size, queue.first]).toEqual([4, a]);
    expect(empty(queue)).toEqual([0, 1, 2, 3]);
    expect(queue.size).toBe(0);
  });

  test('lets any call go from anywhere, once', () => {
    const queue = new CallQueue();
    for (const call of [a, b, c, d, e, f]) queue.pushBack(call);
    expect([queue.remove(a), queue.remove(c), queue.remove(f), queue.remove(c)]).toEqual([true, true, true, false]);
    expect(new CallQueue().remove(b)).toBe(false);
    expect(empty(queue)).toEqual([1, 3, 4]);
  });
});

describe('what a task is expected to take', () => {
  test('is what it took first, then moves by an eighth', () => {
    const task = new TaskName(0, 'a');
    expect(task.meanUs).toBeUndefined();
    task.observe(800);
    expect(task.meanUs).toBe(800);
    task.observe(1_600);
    expect(task.meanUs).toBe(900);
  });

  test('is not thrown off by one task that was held up, and follows when all take longer', () => {
    const task = new TaskName(0, 'a');
    for (let time = 0; time < 10; time++) task.observe(1);
    task.observe(100_000);
    expect(task.meanUs).toBeLessThan(10);
    for (let time = 0; time < 100; time++) task.observe(100_000);
    expect(task.meanUs).toBeGreaterThan(90_000);
  });

  test('belongs to the name', () => {
    const names = new TaskNames();
    expect(names.get('a')).toBe(names.get('a'));
    expect([names.get('a').id, names.get('b').id]).toEqual([0, 1]);
  });
});

describe('what is handed over of an answer', () => {
  test('is memory of 4 KB and more, of which the answer has all', () => {
    const bytes = new Uint8Array(4_096);
    expect(findTransferables(bytes)).toEqual([bytes.buffer]);
    expect(findTransferables(bytes.buffer)).toEqual([bytes.buffer]);
    expect(findTransferables({ name: 'a', bytes, again: new DataView(bytes.buffer) })).toEqual([bytes.buffer]);
    expect(findTransferables([bytes, new Float64Array(512)])).toHaveLength(2);
  });

  test('is nothing small, shared, partial or deep', () => {
    expect(findTransferables(new Uint8Array(4_095))).toEqual([]);
    expect(findTransferables(new Uint8Array(8_192).subarray(0, 4_096))).toEqual([]);
    expect(findTransferables(new Uint8Array(new SharedArrayBuffer(8_192)))).toEqual([]);
    expect(findTransferables({ deep: { bytes: new Uint8Array(8_192) } })).toEqual([]);
    expect(
      findTransferables(Object.fromEntries(Array.from({ length: 20 }, (_, at) => [at, new Uint8Array(4_096)]))),
    ).toHaveLength(16);
  });
});

describe('the options', () => {
  const options: CpuWorkersOptions = {
    maxWorkers: 2,
    oldGenerationBytes: 64 * MB,
    youngGenerationBytes: 4 * MB,
    idleTimeoutMs: 1_000,
  };

  test('get their defaults and are frozen', () => {
    const full = parseOptions(options);
    expect(full).toMatchObject({ minWorkers: 0, externalBytes: 512 * MB, groupLimit: 256, queueCapacity: 100_000 });
    expect(Object.isFrozen(full)).toBe(true);
  });

  test.each([
    ['maxWorkers', 0],
    ['maxWorkers', 65],
    ['maxWorkers', 1.5],
    ['minWorkers', -1],
    ['minWorkers', 3],
    ['oldGenerationBytes', 16 * MB - 1],
    ['youngGenerationBytes', MB - 1],
    ['youngGenerationBytes', 65 * MB],
    ['externalBytes', 15 * MB],
    ['idleTimeoutMs', -1],
    ['groupLimit', 0],
    ['groupLimit', 1_025],
    ['queueCapacity', 0],
    ['queueCapacity', Number.NaN],
    ['threads', 2],
  ])('with %s at %d are refused, by name', (key, value) => {
    expect(() => parseOptions({ ...options, [key]: value })).toThrow(
      expect.objectContaining({ code: 'SETTING_INVALID', message: expect.stringContaining(key) as string }),
    );
  });
});
