import type { FrameRow } from '../../../../shared/table/fold-frames.ts';

/** About what a chart is wide. */
const MAX_POINTS = 600;

/** Rows as long as each other but for this much are as even as a second is. */
const EVEN_RATIO = 1.5;

/**
 * The course of a figure over time, its points as far apart as each other: rows of a run are seconds at its end and minutes at
 * its beginning. A point is the mean of what lies in its time, or the largest; NaN where nothing was measured.
 */
export function toCourse(
  rows: readonly FrameRow[],
  read: (row: FrameRow) => number,
  how: 'mean' | 'largest',
): readonly number[] {
  const lengths = rows.map(({ seconds }) => Math.max(1, seconds));
  // The last row of a run is what was left of its last second: it may be shorter.
  const isEven = Math.max(...lengths) <= EVEN_RATIO * Math.min(...lengths.slice(0, -1));
  if (rows.length < 2 || (isEven && rows.length <= MAX_POINTS)) return rows.map(read);
  const points = Math.min(MAX_POINTS, rows.length);
  const step = lengths.reduce((sum, seconds) => sum + seconds, 0) / points;
  const course = Array.from({ length: points }, () => ({ sum: 0, weight: 0, largest: NaN }));
  let from = 0;
  for (const [at, row] of rows.entries()) {
    const to = from + lengths[at]!;
    const value = read(row);
    for (let index = Math.floor(from / step); index * step < to && !Number.isNaN(value); index++) {
      const point = course[index];
      // What is left of the last step by rounding.
      if (!point) break;
      const weight = Math.max(0, Math.min(to, (index + 1) * step) - Math.max(from, index * step));
      point.sum += value * weight;
      point.weight += weight;
      point.largest = point.largest >= value ? point.largest : value;
    }
    from = to;
  }
  return course.map(({ sum, weight, largest }) => (how === 'largest' ? largest : sum / weight));
}
