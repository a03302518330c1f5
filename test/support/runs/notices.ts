import type { LiveRun } from '../../../runtime/fleet/fleets.ts';
import type { TestPlane } from '../instance/test-plane.ts';

/** The texts of a run's notices, oldest first. */
export async function noticesOf({ plane }: TestPlane, { runId }: LiveRun): Promise<string[]> {
  await plane.history.flush();
  return (await plane.history.reader.notices(runId)).map(({ text }) => text).toReversed();
}
