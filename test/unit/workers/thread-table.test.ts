import { expect, test } from 'vitest';
import { registerThread, threads } from '../../../runtime/workers/thread-table.ts';

test('utilisation is that of the time since the last look, and not renewed before 200 ms have passed', () => {
  let busyMs = 0;
  let livedMs = 0;
  using thread = registerThread({
    name: 'cpu-1',
    heap: () => ({ heapUsedBytes: 10, heapLimitBytes: 100 }),
    busy: () => ({ busyMs, livedMs }),
  });
  const look = (busy: number, lived: number): number => {
    busyMs += busy;
    livedMs += lived;
    return thread.stats().utilisationRatio;
  };
  expect(look(0, 0)).toBe(0);
  expect(look(250, 1_000)).toBe(0.25);
  expect(look(150, 150)).toBe(0.25);
  expect(look(50, 50)).toBe(1);
  expect(look(0, 1_000)).toBe(0);
});

test('a thread is in the table until it is taken out', () => {
  const source = { heap: () => ({ heapUsedBytes: 1, heapLimitBytes: 2 }), busy: () => ({ busyMs: 0, livedMs: 0 }) };
  const first = registerThread({ name: 'a', ...source });
  using _second = registerThread({ name: 'b', ...source });
  first[Symbol.dispose]();
  expect(threads()).toEqual([{ name: 'b', utilisationRatio: 0, heapUsedBytes: 1, heapLimitBytes: 2 }]);
});
