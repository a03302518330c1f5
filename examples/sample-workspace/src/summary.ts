import type { Reading } from './station.ts';

/** A day in four figures. */
export interface Summary {
  readonly coldest: number;
  readonly warmest: number;
  readonly meanWindKmh: number;
  readonly stormHours: number;
}

export function summarize(readings: readonly Reading[]): Summary {
  if (readings.length === 0) throw new Error('nothing was measured');
  const celsius = readings.map((reading) => reading.celsius);
  const wind = readings.reduce((sum, reading) => sum + reading.windKmh, 0);
  return {
    coldest: Math.min(...celsius),
    warmest: Math.max(...celsius),
    meanWindKmh: Math.round(wind / readings.length),
    stormHours: readings.filter((reading) => reading.sky === 'storm').length,
  };
}
