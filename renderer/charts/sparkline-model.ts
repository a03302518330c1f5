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

/** The course of one figure. */
export interface Course {
  /** Values that follow one another, each in its second; one alone is a point. */
  readonly measured: readonly (readonly LinePoint[])[];
  /** From the last value before seconds without one to the first after them. */
  readonly bridges: readonly (readonly [LinePoint, LinePoint])[];
}

/**
 * The course through `values`, the newest at the right edge. Over what was not measured (NaN) goes a bridge, to be drawn
 * fainter: so a slow run, measured in some seconds only, is one course and no splinters, and what nobody measured does not
 * look measured. Nothing is held beyond the last value. The scale begins at 0, so that a small trembling does not look like
 * a storm.
 */
export function toCourse(values: readonly number[], width: number, height: number): Course {
  const top = Math.max(rangeOf(values)?.max ?? 0, Number.MIN_VALUE);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const measured: LinePoint[][] = [];
  const bridges: (readonly [LinePoint, LinePoint])[] = [];
  let last: { readonly point: LinePoint; readonly index: number } | undefined;
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const x = values.length > 1 ? index * step : width;
    const point = { x, y: height - (Math.max(0, value) / top) * height };
    if (last?.index === index - 1) measured.at(-1)?.push(point);
    else {
      if (last) bridges.push([last.point, point]);
      measured.push([point]);
    }
    last = { point, index };
  }
  return { measured, bridges };
}
