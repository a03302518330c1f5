import type { Clock } from '../../../runtime/time/clock.ts';
import { markInterruptedRuns } from '../writer/interrupted-runs.ts';
import { openForWriting } from './database.ts';

/**
 * Marks what a program that died left under way, as its next owner would at its start; for the holder of the data
 * directory. What cannot be written stays as it is.
 */
export function markAbandonedRuns(dataDir: string, clock: Clock): void {
  try {
    const connection = openForWriting(dataDir);
    try {
      markInterruptedRuns(connection, clock.nowMs());
    } finally {
      connection.close();
    }
  } catch {
    // Reading goes on: whatever is wrong here is told by the question itself.
  }
}
