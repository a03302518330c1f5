import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldFrames, type FrameRow } from '../../../shared/table/fold-frames.ts';
import { FrameTiers, MAX_KEPT_ROWS } from '../../../shared/table/frame-tiers.ts';
import { runFrames } from '../../../shared/table/run-frames.ts';

const row = (part: Partial<FrameRow>): FrameRow =>
  ({ ...Object.fromEntries(Object.keys(runFrames.columns).map((name) => [name, 0])), seconds: 1, ...part }) as FrameRow;
const sum = (rows: readonly FrameRow[], column: keyof FrameRow): number =>
  rows.reduce((total, one) => total + one[column], 0);

test('counts are added, peaks are the largest, levels those at the end, and what was not measured counts for nothing', () => {
  const one = row({ atMs: 1, toolCalls: 2, callP99Ms: 9, agents: 5, gcPauseMs: NaN });
  const next = row({ atMs: 2, toolCalls: 3, callP99Ms: NaN, agents: 1, gcPauseMs: 4 });
  expect(foldFrames(one, next)).toMatchObject({
    atMs: 2,
    seconds: 2,
    toolCalls: 5,
    callP99Ms: 9,
    agents: 1,
    gcPauseMs: 4,
  });
});

test('the newest ten minutes are seconds, the hour steps of ten, the day minutes', () => {
  const tiers = new FrameTiers();
  for (let second = 1; second <= 86_400; second++) tiers.add(row({ atMs: second * 1_000, toolCalls: 1 }));
  const rows = tiers.rows();
  expect(sum(rows, 'toolCalls')).toBe(86_400);
  expect(rows.slice(-600).every(({ seconds }) => seconds === 1)).toBe(true);
  const lengths = new Set(rows.map(({ seconds }) => seconds));
  expect([...lengths]).toEqual([60, 10, 1]);
  expect(rows.map(({ atMs }) => atMs)).toEqual(rows.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
});

test('however long a run is, its rows are bounded, nothing of it is lost, and its beginning stays', () => {
  const tiers = new FrameTiers();
  let most = 0;
  for (let second = 1; second <= 200_000; second++) {
    tiers.add(row({ atMs: second * 1_000, toolCalls: 1, callP99Ms: second === 7 ? 500 : 1 }));
    if (second % 1_000 === 0) most = Math.max(most, tiers.rows().length);
  }
  const rows = tiers.rows();
  expect(most).toBeLessThanOrEqual(MAX_KEPT_ROWS);
  expect(sum(rows, 'toolCalls')).toBe(200_000);
  expect(rows[0]?.callP99Ms).toBe(500);
});

test('rows shorter than a second do not all become one', () => {
  const tiers = new FrameTiers();
  for (let at = 0; at < 700; at++) tiers.add(row({ seconds: 0.001, toolCalls: 1 }));
  expect(sum(tiers.rows(), 'toolCalls')).toBe(700);
  expect(tiers.rows().length).toBeGreaterThan(600);
});

test('who asks from any number is given no row twice, and all that began since', () => {
  const tiers = new FrameTiers();
  for (let at = 0; at < 5_000; at++) tiers.add(row({ atMs: at, toolCalls: 1 }));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5_100 }), (from) => {
      const given = sum(tiers.rows(from), 'toolCalls');
      expect(given).toBeLessThanOrEqual(Math.max(0, 5_000 - from));
      expect(given).toBeGreaterThan(Math.max(0, 5_000 - from) - 60);
    }),
  );
});
