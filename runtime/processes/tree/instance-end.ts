import type { Clock } from '../../time/clock.ts';
import { endTree } from './tree-end.ts';
import { findMembers, type Remembered, type TreeRoot } from './tree-members.ts';
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
  /** Roots that are known, beside what the tokens tell. */
  readonly roots?: readonly TreeRoot[];
  /** Programs started later are left alone. */
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
    look: async () => findOfInstance(await end.readings.fresh(), end, remembered),
    wait: (ms) => end.clock.sleep(ms),
  });
  return survivors;
}

function findOfInstance(reading: Reading, end: InstanceEnd, remembered: Remembered): readonly ProcessEntry[] {
  const found = new Map<number, ProcessEntry>();
  const roots = new Map((end.roots ?? []).map((root) => [root.id, root]));
  for (const id of reading.owned.keys()) {
    if (id <= (end.lastId ?? Number.POSITIVE_INFINITY) && !roots.has(id)) {
      roots.set(id, { id, pid: NO_PID, startedAt: undefined, isCollected: true });
    }
  }
  for (const root of roots.values()) {
    for (const entry of findMembers(reading.table, root, reading.owned, remembered)) found.set(entry.pid, entry);
  }
  return [...found.values()];
}
