import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findLine, isOf, placeProblem } from '../../../../renderer/views/fleets/text/problem-model.ts';

const problem = { file: '/a/fleet.yaml', line: 1, column: 1, message: 'unknown key' };

test('the word at the place is underlined', () => {
  const text = 'name: x\nlimts:\n  turns: 3\n';
  const placed = placeProblem(text, { ...problem, line: 2, column: 1 }, true);
  expect(text.slice(placed?.from, placed?.to)).toBe('limts');
});

test('columns count UTF-16 units', () => {
  const text = 'name: "😀" # x\ndescription: 😀😀 bad\n';
  const placed = placeProblem(text, { ...problem, line: 2, column: 19 }, true);
  expect(text.slice(placed?.from, placed?.to)).toBe('bad');
});

test('one beyond the end of a line underlines its last character, an empty line nothing', () => {
  expect(placeProblem('ab\ncd\n', { ...problem, line: 1, column: 3 }, true)).toMatchObject({ from: 1, to: 2 });
  expect(placeProblem('ab\n\ncd', { ...problem, line: 2, column: 1 }, true)).toMatchObject({ from: 3, to: 3 });
});

test('a hint that names the right word is a fix, in the quotes of the wrong one', () => {
  const hint = 'did you mean `limits`?';
  expect(placeProblem('limts:', { ...problem, hint }, true)?.fix).toEqual({
    label: 'Change to limits',
    insert: 'limits',
  });
  expect(placeProblem('"limts":', { ...problem, hint }, true)?.fix?.insert).toBe('"limits"');
  expect(placeProblem('limts:', { ...problem, hint: 'the keys here are `a` and `b`' }, true)?.fix).toBeUndefined();
});

test('whatever the place, the range lies in the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(50), fc.nat(50), (text, line, column) => {
      const placed = placeProblem(text, { ...problem, line, column }, true);
      expect(placed === undefined).toBe(line < 1);
      if (!placed) return;
      expect(placed.from).toBeGreaterThanOrEqual(0);
      expect(placed.to).toBeLessThanOrEqual(text.length);
      expect(placed.from).toBeLessThanOrEqual(placed.to);
    }),
  );
});

test('a line beyond the last is the last', () => {
  expect(findLine('a\nb', 9)).toEqual({ start: 2, end: 3 });
});

test('mistakes of other files and of what was set have no place here', () => {
  expect(isOf(problem, '/a/fleet.yaml')).toBe(true);
  expect(isOf({ ...problem, file: 'a\\fleet.yaml' }, 'C:\\x\\a\\fleet.yaml')).toBe(true);
  expect(isOf({ ...problem, file: '/a/table.csv' }, '/a/fleet.yaml')).toBe(false);
  expect(isOf({ ...problem, file: '--set limits.turns' }, '/a/fleet.yaml')).toBe(false);
});
