import { foldFrames, type FrameRow } from './fold-frames.ts';

/** Ten minutes of seconds, then 50 minutes in steps of ten seconds, then a day in steps of a minute. */
const SECOND_ROWS = 600;
const STEP_ROWS = 300;
const MINUTE_ROWS = 1_440;
const STEP_SECONDS = 10;
const MINUTE_SECONDS = 60;

/** The most rows that are kept at a time. */
export const MAX_KEPT_ROWS = SECOND_ROWS + STEP_ROWS + MINUTE_ROWS;

interface Kept {
  readonly row: FrameRow;
  /** The number of the first row that was folded into it. */
  readonly from: number;
}

/**
 * All rows of a run of any length, in bounded memory: the newest as they came, older ones in longer steps. At the bound of a
 * day the oldest rows become one in pairs, and so on: the whole run stays, ever coarser at its beginning.
 *
 * At most `MAX_KEPT_ROWS` rows, about 400 KB, are kept; to add one costs the same however many there are.
 */
export class FrameTiers {
  #seconds: Kept[] = [];
  #steps: Kept[] = [];
  #minutes: Kept[] = [];
  /** How long a row of the last tier is. */
  #minuteSeconds = MINUTE_SECONDS;
  #count = 0;

  /** Rows that were added: the number the next one will have. */
  get count(): number {
    return this.#count;
  }

  add(row: FrameRow): void {
    this.#seconds.push({ row, from: this.#count });
    this.#count += 1;
    if (this.#seconds.length <= SECOND_ROWS) return;
    this.#steps.push(takeFolded(this.#seconds, STEP_SECONDS, STEP_SECONDS));
    if (this.#steps.length <= STEP_ROWS) return;
    this.#minutes.push(takeFolded(this.#steps, this.#minuteSeconds, this.#minuteSeconds / STEP_SECONDS));
    if (this.#minutes.length > MINUTE_ROWS) this.#halve();
  }

  /** Rows that begin with number `from` or later, oldest first; a row that began before is not torn apart. */
  rows(from = 0): FrameRow[] {
    const isAsked = (kept: Kept): boolean => kept.from >= from;
    const tiers = [this.#minutes, this.#steps, this.#seconds];
    return tiers.flatMap((tier) => (from === 0 ? tier : tier.filter(isAsked)).map(({ row }) => row));
  }

  #halve(): void {
    const halved: Kept[] = [];
    while (this.#minutes.length > 0) halved.push(takeFolded(this.#minutes, Infinity, 2));
    this.#minutes = halved;
    this.#minuteSeconds *= 2;
  }
}

/** Takes the oldest rows out: until they make up a step, but no more than `maxRows`, which may be shorter than a second. */
function takeFolded(kept: Kept[], stepSeconds: number, maxRows: number): Kept {
  let [{ row }] = kept as [Kept];
  const { from } = kept[0]!;
  let taken = 1;
  for (; taken < maxRows && taken < kept.length && row.seconds < stepSeconds; taken++)
    row = foldFrames(row, kept[taken]!.row);
  kept.splice(0, taken);
  return { row, from };
}
