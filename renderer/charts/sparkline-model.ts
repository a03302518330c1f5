/** One point of a line on a canvas, in CSS pixels. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
}

/** Lowest and highest of the values that were measured; `undefined` where none was. */
export function rangeOf(values: readonly number[]): { readonly min: number; readonly max: number } | undefined {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : undefined;
}

/**
 * Lines through `values`, the newest at the right edge; a value that was not measured (NaN) is passed over, so
 * that a slow run, measured in some seconds only, is one line and no splinters. The scale begins at 0, so that a small trembling does not look like a storm.
 */
export function toLines(values: readonly number[], width: number, height: number): LinePoint[][] {
  const range = rangeOf(values);
  if (!range) return [];
  const top = Math.max(range.max, Number.MIN_VALUE);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const line: LinePoint[] = [];
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const x = values.length > 1 ? index * step : width;
    line.push({ x, y: height - (Math.max(0, value) / top) * height });
  }
  return [line];
}
