import type { Clock } from '../../time/clock.ts';
import { endTree } from './tree-end.ts';
import { findMembers, type Remembered, type TreeRoot } from './tree-members.ts';
import { UNKNOWN_ID } from './ownership-token.ts';
import type { ProcessEntry } from './process-table.ts';
import type { Reading, TableReadings } from './table-readings.ts';

/** No process and no group has this number, so that everything found is signalled for itself. */
const NO_PID = -1;

/** Which trees of an instance are to end. */
export interface InstanceEnd {
  readonly clock: Clock;
  readonly instance: string;
  readonly readings: TableReadings;
  readonly graceMs: number;
  /** Asked before each look: once it answers `false`, nothing more is ended. */
  readonly isStillMeant?: () => boolean;
  /** Roots that are known, beside what the tokens tell. */
  readonly roots?: readonly TreeRoot[];
  /** Programs started later are left alone, and so is what only a limit mark tells: it may be theirs. */
  readonly lastId?: number;
}

/** Ends what is alive of an instance's programs, found by roots and tokens; answers what could not be ended. */
export async function endInstance(end: InstanceEnd): Promise<readonly ProcessEntry[]> {
  const remembered: Remembered = new Map();
  const nobody: TreeRoot = { id: 0, pid: NO_PID, startedAt: undefined, isCollected: true };
  const { survivors } = await endTree({
    clock: end.clock,
    graceMs: end.graceMs,
    isStopped: () => true,
    root: () => nobody,
    look: async () => {
      const reading = await end.readings.fresh();
      return end.isStillMeant?.() === false ? [] : findOfInstance(reading, end, remembered);
    },
    wait: (ms) => end.clock.sleep(ms),
  });
  return survivors;
}

function findOfInstance(reading: Reading, end: InstanceEnd, remembered: Remembered): readonly ProcessEntry[] {
  const found = new Map<number, ProcessEntry>();
  const roots = new Map((end.roots ?? []).map((root) => [root.id, root]));
  for (const id of reading.owned.keys()) {
    const isMeant = end.lastId === undefined || (id !== UNKNOWN_ID && id <= end.lastId);
    if (isMeant && !roots.has(id)) {
      roots.set(id, { id, pid: NO_PID, startedAt: undefined, isCollected: true });
    }
  }
  for (const root of roots.values()) {
    for (const entry of findMembers(reading.table, root, reading.owned, remembered)) found.set(entry.pid, entry);
  }
  return [...found.values()];
}
