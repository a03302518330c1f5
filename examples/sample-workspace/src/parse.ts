import { isSky, type Reading } from './station.ts';

const HEADER = 'hour,celsius,wind,sky';

/** Reads a station's table; a row that cannot be read is left out and counted. */
export function parseReadings(table: string): { readings: Reading[]; skipped: number } {
  const [header, ...rows] = table.trimEnd().split('\n');
  if (header !== HEADER) throw new Error(`expected the columns ${HEADER}`);
  const readings: Reading[] = [];
  let skipped = 0;
  for (const row of rows) {
    const reading = parseRow(row);
    if (reading) readings.push(reading);
    else skipped += 1;
  }
  return { readings, skipped };
}

// TODO: a row of the airfield may be sent twice; keep the first.
function parseRow(row: string): Reading | undefined {
  const [hour, celsius, wind, sky = ''] = row.split(',');
  const reading = { hour: Number(hour), celsius: Number(celsius), windKmh: Number(wind) };
  if (Object.values(reading).some(Number.isNaN) || !isSky(sky)) return undefined;
  return { ...reading, sky };
}
