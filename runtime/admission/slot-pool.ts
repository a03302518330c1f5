import { Slot, type SlotOwner } from './slot.ts';
import type { WaitingRecords } from './waiting/waiting-records.ts';

/** Takes the result of work that its caller no longer waits for. */
export function ignore(): void {}

/** The slots a lane has made so far: as many as ever ran at once. */
export class SlotPool {
  private readonly all: Slot[] = [];
  private readonly free: Slot[] = [];
  private readonly lane: SlotOwner;
  private readonly records: WaitingRecords;

  constructor(lane: SlotOwner, records: WaitingRecords) {
    this.lane = lane;
    this.records = records;
  }

  /** A slot that nothing runs in; the lane counts, the pool only keeps. */
  take(): Slot {
    return this.free.pop() ?? this.open();
  }

  giveBack(slot: Slot): void {
    this.free.push(slot);
  }

  /** Those that something runs in; it looks at all of them. */
  busy(): readonly Slot[] {
    const free = new Set(this.free);
    return this.all.filter((slot) => !free.has(slot));
  }

  private open(): Slot {
    const record = this.records.add(undefined, ignore, ignore);
    const slot = new Slot(this.lane, record);
    this.records.setPlace(record, slot);
    this.all.push(slot);
    return slot;
  }
}
