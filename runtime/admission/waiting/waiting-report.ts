import type { LaneName, WaitingItem, WaitingPage, WaitReason } from '../gate.ts';
import { startOrder } from './start-order.ts';
import { isOwnedBy, PRIORITIES, type Line, type Owner, type WaitingLines } from './waiting-lines.ts';
import type { WaitingRecords } from './waiting-records.ts';

/** Items one page holds at most. */
const MAX_PAGE_ITEMS = 200;
/** Positions are worked out this far; what waits behind is known without one. A few milliseconds once the code is warm. */
const MAX_POSITIONS = 10_000;

/** What a lane knows at the moment it is asked. */
export interface LaneNow {
  readonly lane: LaneName;
  readonly lines: WaitingLines;
  readonly records: WaitingRecords;
  /** Whether a slot is free, so that only a pace can hold back what may start. */
  readonly hasFreeSlot: boolean;
  /** Set when slots are free that a bar keeps free. */
  readonly barReason: WaitReason | undefined;
  /** Until the pace is asked again; 0 when it holds nothing back. */
  readonly paceWaitMs: number;
  /** Work that the lane ends in a millisecond, and that one slot does; 0 when nobody knows. */
  readonly drainPerMs: number;
  readonly slotPerMs: number;
}

/** Why each waiting item of a lane waits, worked out when it is asked for; the lane keeps nothing for it. */
export class WaitingReport {
  private readonly now: LaneNow;

  constructor(now: LaneNow) {
    this.now = now;
  }

  /** One page of everything, what starts next first. */
  page(offset: number, limit: number): WaitingPage {
    const end = Math.min(offset + Math.min(limit, MAX_PAGE_ITEMS), MAX_POSITIONS);
    const items: WaitingItem[] = [];
    let index = 0;
    for (const item of this.all()) {
      if (index >= end) break;
      if (index++ >= offset) items.push(item);
    }
    return { waiting: this.now.lines.size, items };
  }

  /** At most `limit` items of `owner` and its parts. */
  ofOwner(owner: string, limit: number): readonly WaitingItem[] {
    const items: WaitingItem[] = [];
    for (const item of this.all(owner)) {
      if (items.length >= limit) break;
      items.push(item);
    }
    return items;
  }

  private *all(prefix?: string): Generator<WaitingItem> {
    const { lines, records } = this.now;
    const ordered = new Set<number>();
    const overtaken = new Overtaken();
    let left = lines.startableOf(prefix);
    let position = 0;
    if (left > 0) {
      for (const record of startOrder(lines, records)) {
        const line = records.placeOf(record) as Line;
        const arrival = records.arrival[record]!;
        position++;
        if (prefix === undefined || isOwnedBy(line.owner.name, prefix)) {
          ordered.add(record);
          left--;
          yield this.inOrder(line, overtaken.reasonOf(arrival, line.level), position);
        }
        overtaken.note(arrival, line.level);
        if (left === 0 || position >= MAX_POSITIONS) break;
      }
    }
    yield* this.others(ordered, prefix);
  }

  private inOrder(line: Line, reason: WaitReason, position: number): WaitingItem {
    const { hasFreeSlot, barReason, paceWaitMs, drainPerMs } = this.now;
    if (barReason !== undefined) return this.item(line, barReason, position, undefined);
    const startsInMs =
      drainPerMs > 0 ? Math.max(paceWaitMs, (position - (hasFreeSlot ? 1 : 0)) / drainPerMs) : undefined;
    return this.item(line, hasFreeSlot ? 'pace' : reason, position, startsInMs);
  }

  /** What may not start as things are, and what lies too far back for a position. */
  private *others(ordered: ReadonlySet<number>, prefix?: string): Generator<WaitingItem> {
    const { lines, records, slotPerMs } = this.now;
    const placeOf = new Map<Owner, number>();
    for (const record of lines.recordsOf(prefix)) {
      if (ordered.has(record)) continue;
      const line = records.placeOf(record) as Line;
      const { owner } = line;
      if (owner.held) yield this.item(line, 'paused', undefined, undefined);
      else if (lines.ceiling === Number.POSITIVE_INFINITY) {
        const { hasFreeSlot, barReason } = this.now;
        yield this.item(line, barReason ?? (hasFreeSlot ? 'pace' : 'no slot'), undefined, undefined);
      } else {
        const place = (placeOf.get(owner) ?? 0) + 1;
        placeOf.set(owner, place);
        const startsInMs = slotPerMs > 0 ? place / (slotPerMs * lines.ceiling) : undefined;
        yield this.item(line, 'agent ceiling', undefined, startsInMs);
      }
    }
  }

  private item(
    { owner, level }: Line,
    reason: WaitReason,
    position: number | undefined,
    startsInMs: number | undefined,
  ): WaitingItem {
    return { lane: this.now.lane, owner: owner.name, priority: PRIORITIES[level]!, reason, position, startsInMs };
  }
}

/** Who is overtaken by whom, told item by item in the order of starting. */
class Overtaken {
  /** The latest arrival so far, by level. */
  private readonly latest: (number | undefined)[] = [undefined, undefined, undefined];

  note(arrival: number, level: number): void {
    const latest = this.latest[level];
    if (latest === undefined || isLater(arrival, latest)) this.latest[level] = arrival;
  }

  reasonOf(arrival: number, level: number): WaitReason {
    const isBehind = (other: number): boolean => {
      const latest = this.latest[other];
      return latest !== undefined && isLater(latest, arrival);
    };
    if (PRIORITIES.some((_, other) => other !== level && isBehind(other))) return 'priority';
    return isBehind(level) ? 'fairness' : 'no slot';
  }
}

/** Arrivals are counted modulo 2^32; those that wait at the same time are never half of that apart. */
function isLater(arrival: number, than: number): boolean {
  return ((arrival - than) | 0) > 0;
}
