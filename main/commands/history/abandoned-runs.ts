import { systemClock } from '../../../runtime/time/clock.ts';
import type { RunState } from '../../../shared/model/states.ts';
import type { HistoryReader } from '../../history/history.ts';
import { markAbandonedRuns } from '../../history/store/abandoned-runs.ts';
import { claimInstance, lockFolderOf } from '../../instance/claim-instance.ts';
import { readOwner } from '../../instance/owner-lock.ts';

const UNDER_WAY: readonly RunState[] = ['queued', 'running', 'stopping'];

/**
 * Lets history tell the truth about a program that died and that nobody has started again: its runs are `interrupted`.
 * Does nothing while the data directory has an owner, or when no run is under way.
 */
export async function settleAbandonedRuns(reader: HistoryReader, dataDir: string): Promise<void> {
  const { runs } = await reader.listRuns({ limit: 1, filter: { states: UNDER_WAY } });
  if (runs.length === 0 || (await readOwner(lockFolderOf(dataDir)))) return;
  // In a directory that cannot be written the record stays as it is.
  const owned = await claimInstance(dataDir).catch(() => undefined);
  if (!owned) return;
  await using _owned = owned;
  markAbandonedRuns(dataDir, systemClock);
}
