import { expect, test } from 'vitest';
import { rangeOf, toCourse } from '../../../../renderer/charts/sparkline-model.ts';

test('the range leaves out what was not measured', () => {
  expect(rangeOf([Number.NaN, 4, 2])).toEqual({ min: 2, max: 4 });
  expect(rangeOf([Number.NaN])).toBeUndefined();
});

test('over what was not measured goes a bridge, so that the course stays one', () => {
  const { measured, bridges } = toCourse([1, 1, Number.NaN, Number.NaN, 2], 100, 10);
  expect(measured).toEqual([
    [
      { x: 0, y: 5 },
      { x: 25, y: 5 },
    ],
    [{ x: 100, y: 0 }],
  ]);
  expect(bridges).toEqual([
    [
      { x: 25, y: 5 },
      { x: 100, y: 0 },
    ],
  ]);
});

test('nothing is made up before the first and after the last measured value, nor where none was', () => {
  const { measured, bridges } = toCourse([Number.NaN, 3, Number.NaN], 100, 10);
  expect(measured).toEqual([[{ x: 50, y: 0 }]]);
  expect(bridges).toEqual([]);
  expect(toCourse([Number.NaN], 100, 10)).toEqual({ measured: [], bridges: [] });
});

test('all zeros lie on the floor', () => {
  expect(toCourse([0, 0], 10, 10).measured).toEqual([
    [
      { x: 0, y: 10 },
      { x: 10, y: 10 },
    ],
  ]);
});
