/** A weather station, as its owner registered it. */
export interface Station {
  readonly name: string;
  readonly town: string;
  readonly file: string;
}

/** What a station measured in one hour. */
export interface Reading {
  readonly hour: number;
  readonly celsius: number;
  readonly windKmh: number;
  readonly sky: Sky;
}

export const SKIES = ['clear', 'cloud', 'rain', 'storm'] as const;
export type Sky = (typeof SKIES)[number];

export function isSky(text: string): text is Sky {
  return SKIES.some((sky) => sky === text);
}
