import type { Reading } from './station.ts';
import { summarize } from './summary.ts';

const GALE_KMH = 62;

export type Level = 'none' | 'watch' | 'warning';

/** How loudly to warn: by the hours of storm, and by the wind of the last hours. */
export function toLevel(readings: readonly Reading[], lastHours = 3): Level {
  const { stormHours } = summarize(readings);
  const last = readings.slice(-lastHours);
  const isGale = last.length > 0 && last.every((reading) => reading.windKmh >= GALE_KMH);
  if (stormHours >= lastHours || isGale) return 'warning';
  return stormHours > 0 ? 'watch' : 'none';
}

// TODO: say when the warning ends.
// FIXME: the bridge once reported wind as temperature; check the ranges before warning.
export function toText(level: Level, town: string): string {
  switch (level) {
    case 'warning':
      return `Storm in ${town}: stay inside.`;
    case 'watch':
      return `A storm may reach ${town}.`;
    case 'none':
      return `No warning for ${town}.`;
  }
}
