/** A line through points, with the interval of its slope. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/** Points are averaged in this many blocks first, since samples that follow each other are not independent. */
const BLOCKS = 10;
/** Student's t at 97.5 % with BLOCKS − 2 = 8 degrees of freedom. */
const T_975 = 2.306;

/**
 * Least squares over block means, with a 95 % interval: the method of batch means (Law, Simulation Modeling and Analysis,
 * chapter 9) against the correlation of neighbouring samples.
 */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const size = Math.floor(points.length / BLOCKS);
  const blocks = Array.from({ length: BLOCKS }, (_, block) => {
    const part = points.slice(block * size, (block + 1) * size);
    return [mean(part.map(([x]) => x)), mean(part.map(([, y]) => y))] as const;
  });
  const meanX = mean(blocks.map(([x]) => x));
  const meanY = mean(blocks.map(([, y]) => y));
  const sxx = blocks.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = blocks.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / sxx;
  const residual = blocks.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  const error = T_975 * Math.sqrt(residual / (BLOCKS - 2) / sxx);
  return { slope, low: slope - error, high: slope + error };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
