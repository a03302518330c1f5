import { expect, test } from 'vitest';
import { rangeOf, toLines } from '../../../../renderer/charts/sparkline-model.ts';

test('the range leaves out what was not measured', () => {
  expect(rangeOf([Number.NaN, 4, 2])).toEqual({ min: 2, max: 4 });
  expect(rangeOf([Number.NaN])).toBeUndefined();
});

test('a value that was not measured does not part the line', () => {
  expect(toLines([1, Number.NaN, 2], 100, 10)).toEqual([
    [
      { x: 0, y: 5 },
      { x: 100, y: 0 },
    ],
  ]);
});

test('all zeros lie on the floor', () => {
  expect(toLines([0, 0], 10, 10)).toEqual([
    [
      { x: 0, y: 10 },
      { x: 10, y: 10 },
    ],
  ]);
});
