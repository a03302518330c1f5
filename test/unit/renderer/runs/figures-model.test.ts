import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCourse } from '../../../../renderer/views/runs/page/course-model.ts';
import { Frames, toFigures } from '../../../../renderer/views/runs/page/figures-model.ts';
import { encodeTable, type TableInput } from '../../../../shared/table/encode-table.ts';
import type { FrameRow } from '../../../../shared/table/fold-frames.ts';
import { runFrames } from '../../../../shared/table/run-frames.ts';

const COLUMNS = Object.keys(runFrames.columns);
const row = (part: Partial<FrameRow>): FrameRow =>
  ({ ...Object.fromEntries(COLUMNS.map((name) => [name, 0])), seconds: 1, ...part }) as FrameRow;

function framesOf(rows: readonly FrameRow[]): Frames {
  const frames = new Frames();
  const columns = COLUMNS.map((name) => [name, rows.map((one) => one[name as keyof FrameRow])]);
  frames.take(encodeTable(runFrames, rows.length, Object.fromEntries(columns) as TableInput<typeof runFrames.columns>));
  return frames;
}

test('a page that watched three hours shows all of them once the run has ended, and two minutes while it lives', () => {
  const frames = framesOf(Array.from({ length: 10_800 }, (_, at) => row({ toolCalls: at < 5_400 ? 2 : 0 })));
  expect(frames.rows.length).toBeLessThan(1_100);
  expect(toFigures(frames.rows, true, undefined)[0]).toMatchObject({ value: 0, values: { length: 120 } });
  const [calls] = toFigures(frames.rows, false, undefined);
  expect(calls?.value).toBeCloseTo(1, 6);
  const { values } = calls!;
  const half = values.length / 2;
  expect(values.slice(0, half - 5).every((value) => Math.abs(value - 2) < 1e-6)).toBe(true);
  expect(values.slice(half + 5).every((value) => value < 1e-6)).toBe(true);
});

test('a live run shows its last two minutes, also where older rows are longer than a second', () => {
  const frames = framesOf([
    ...Array.from({ length: 100 }, () => row({ seconds: 18, toolCalls: 180 })),
    ...Array.from({ length: 5 }, () => row({ toolCalls: 3 })),
  ]);
  const [calls] = toFigures(frames.rows, true, undefined);
  expect(calls?.value).toBe(3);
  expect(calls?.values.at(0)).toBeCloseTo(10, 6);
});

test('rows as long as each other are the course as they are', () => {
  const rows = [row({ agents: 4 }), row({ agents: 7, seconds: 1.004 }), row({ agents: 1, seconds: 0.3 })];
  expect(toCourse(rows, ({ agents }) => agents, 'largest')).toEqual([4, 7, 1]);
  expect(toCourse([], () => 1, 'mean')).toEqual([]);
});

test('the course of unequal rows has even steps: means by time, the largest of each, nothing where nothing was measured', () => {
  const rows = [row({ seconds: 6, agents: 9 }), row({ agents: 2 }), row({ agents: 4 })];
  expect(toCourse(rows, ({ agents }) => agents, 'largest')).toEqual([9, 9, 9]);
  const means = toCourse(rows, ({ agents }) => agents, 'mean');
  expect(means[0]).toBeCloseTo(9, 9);
  expect(means[2]).toBeCloseTo((9 * (2 / 3) + 2 + 4) / (8 / 3), 9);
  expect(toCourse(rows, ({ seconds }) => (seconds === 6 ? NaN : 5), 'largest')).toEqual([NaN, NaN, 5]);
});

test('whatever the lengths are, what the course says of a rate adds up to what happened', () => {
  const rows = fc.array(fc.record({ seconds: fc.integer({ min: 1, max: 90 }), toolCalls: fc.nat(1_000) }), {
    minLength: 2,
  });
  fc.assert(
    fc.property(rows, (parts) => {
      const all = parts.map((part) => row(part));
      const course = toCourse(all, ({ toolCalls, seconds }) => toolCalls / seconds, 'mean');
      fc.pre(course.length < 600 && new Set(all.map(({ seconds }) => seconds)).size > 1);
      fc.pre(
        Math.max(...all.map(({ seconds }) => seconds)) >
          2 * Math.min(...all.slice(0, -1).map(({ seconds }) => seconds)),
      );
      const seconds = all.reduce((sum, one) => sum + one.seconds, 0);
      const happened = course.reduce((sum, value) => sum + (value * seconds) / course.length, 0);
      expect(happened).toBeCloseTo(
        all.reduce((sum, one) => sum + one.toolCalls, 0),
        4,
      );
    }),
  );
});
