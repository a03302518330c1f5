import type { SlotPool } from './slot-pool.ts';
import type { Slot } from './slot.ts';
import type { WaitingLines } from './waiting/waiting-lines.ts';

/** Counts the slots that each owner holds while a lane has a ceiling for them; costs a look at `isOn` while it has none. */
export class AgentCeiling {
  isOn = false;
  private readonly lines: WaitingLines;
  private readonly slots: SlotPool;

  constructor(lines: WaitingLines, slots: SlotPool) {
    this.lines = lines;
    this.slots = slots;
  }

  /** Changes it at once, `undefined` for none; what already runs counts too. */
  set(maxPerAgent: number | undefined): void {
    const ceiling = maxPerAgent ?? Number.POSITIVE_INFINITY;
    if (ceiling === this.lines.ceiling) return;
    const wasOn = this.isOn;
    this.isOn = maxPerAgent !== undefined;
    if (!wasOn) for (const slot of this.slots.busy()) this.noteStart(slot);
    this.lines.setCeiling(ceiling);
    if (this.isOn) return;
    for (const slot of this.slots.busy()) if (slot.holder !== undefined) this.noteEnd(slot);
  }

  /** Work for nobody in particular has no ceiling. */
  noteStart(slot: Slot): void {
    if (slot.ownerName !== '') slot.holder = this.lines.noteStart(slot.ownerName);
  }

  /** Of a slot that has a holder. */
  noteEnd(slot: Slot): void {
    const holder = slot.holder!;
    slot.holder = undefined;
    this.lines.noteEnd(holder);
  }
}
