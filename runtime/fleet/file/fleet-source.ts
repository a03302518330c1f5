import type { Place } from './source-text.ts';
import type { Path } from './yaml-places.ts';

/** What a fleet is made from: the values of the file with the overrides put in, each of which knows its place. */
export interface FleetSource {
  readonly value: unknown;
  /** Where the value stands, or the nearest one around it that exists. */
  placeOf(path: Path): Place;
  /** Where the key of the value stands; as `placeOf` for an item of a list. */
  placeOfKey(path: Path): Place;
  /** Where the `n`th (from 0) occurrence of `word` stands inside a text, or the text itself when it cannot be told. */
  placeInside(path: Path, word: string, n: number): Place;
  /** Whether a mistake of syntax before this place makes what is missing here a matter of guessing. */
  isBroken(place: Place): boolean;
}
