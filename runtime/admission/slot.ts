import type { Owner } from './waiting/waiting-lines.ts';
import type { Settle } from './waiting/waiting-records.ts';

const NONE = -1;

/** What a slot tells its lane. */
export interface SlotOwner {
  /** The work of `slot` has ended; answers what the promise of directly started work becomes. */
  ended(slot: Slot, value: unknown): unknown;
  /** As `ended`, for work that failed; throws `error` for directly started work. */
  broke(slot: Slot, error: unknown): unknown;
}

/**
 * A place in which one piece of work runs. A lane makes a slot when it first needs one and uses it again and again, so the
 * two functions that a running promise calls are made once for each place, not once for each piece of work.
 */
export class Slot {
  /** Settles the promise the caller holds; `undefined` when that promise is the work's own. */
  resolve: Settle | undefined = undefined;
  reject: Settle | undefined = undefined;
  /** A record of its own, for the deadline of work that had none when it came. */
  readonly ownRecord: number;
  /** The record with the deadline of what runs: its own, or the one it waited under; -1 when it has no deadline. */
  record = NONE;
  /** When it started, monotonic, when it is one of those whose time is taken; else below 0. */
  sinceMs = -0.5;
  /** Who it was last given to; '' for nobody in particular. */
  ownerName = '';
  /** Who it counts against while agents have a ceiling. */
  holder: Owner | undefined = undefined;
  readonly onValue: (value: unknown) => unknown;
  readonly onError: (error: unknown) => unknown;

  constructor(lane: SlotOwner, ownRecord: number) {
    this.ownRecord = ownRecord;
    this.onValue = (value) => lane.ended(this, value);
    this.onError = (error) => lane.broke(this, error);
  }
}
