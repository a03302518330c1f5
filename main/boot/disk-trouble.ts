import type { Fleets } from '../../runtime/fleet/fleets.ts';
import type { ErrorData } from '../../shared/errors/app-error.ts';
import type { RunId } from '../../shared/model/ids.ts';

/**
 * Pauses every run while history cannot be written, and lets go on those that it paused when it can be again.
 *
 * Nothing that was accepted is lost meanwhile: the writer keeps it and tries again.
 *
 * @param find The fleets, when they are open: history opens before them.
 */
export function createTroubleWatch(
  find: () => Pick<Fleets, 'list' | 'pause' | 'resume'> | undefined,
): (trouble: ErrorData | undefined) => void {
  const paused = new Set<RunId>();
  return (trouble) => {
    const fleets = find();
    if (!fleets) return;
    // Nothing goes on after a defect of history: whoever asks for room is told, and the runs end with it.
    if (trouble?.code === 'INTERNAL') return;
    if (trouble) {
      for (const run of fleets.list()) {
        if (run.progress().state !== 'running') continue;
        fleets.pause(run.runId, trouble.message);
        paused.add(run.runId);
      }
      return;
    }
    for (const run of fleets.list())
      if (paused.has(run.runId) && run.progress().state === 'paused') fleets.resume(run.runId);
    paused.clear();
  };
}
