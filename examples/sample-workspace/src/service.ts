import { readFile } from 'node:fs/promises';
import { parseReadings } from './parse.ts';
import type { Station } from './station.ts';
import { summarize, type Summary } from './summary.ts';
import { toLevel, toText } from './warning.ts';

export interface Bulletin {
  readonly station: string;
  readonly summary: Summary;
  readonly text: string;
}

/** Publishes what the stations have measured, one bulletin each; a station that cannot be read is left out. */
export class Service {
  private readonly stations: readonly Station[];

  constructor(stations: readonly Station[]) {
    this.stations = stations;
  }

  async publish(): Promise<Bulletin[]> {
    const bulletins = await Promise.all(this.stations.map((station) => this.read(station)));
    return bulletins.filter((bulletin) => bulletin !== undefined);
  }

  private async read(station: Station): Promise<Bulletin | undefined> {
    try {
      const { readings } = parseReadings(await readFile(station.file, 'utf8'));
      const text = toText(toLevel(readings), station.town);
      return { station: station.name, summary: summarize(readings), text };
    } catch {
      return undefined;
    }
  }
}
