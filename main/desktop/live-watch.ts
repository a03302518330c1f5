import { powerSaveBlocker } from 'electron';
import type { InstanceClient } from '../instance/join-instance.ts';
import type { LiveCounts } from './tray.ts';

/** Tells `onCounts` once a second how much runs, and keeps the machine awake while anything does. */
export function watchLive(client: InstanceClient, onCounts: (counts: LiveCounts) => void): AsyncDisposable {
  const leaving = new AbortController();
  let blocker: number | undefined;
  const keepAwake = (isNeeded: boolean): void => {
    if (isNeeded) blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
  };
  const watching = (async () => {
    for await (const { liveRuns, agentsRunning } of client.calls.app.pulse({}, { signal: leaving.signal })) {
      onCounts({ liveRuns, agentsRunning });
      keepAwake(liveRuns > 0);
    }
  })().catch(() => undefined); // The instance is closing: there is nothing more to show.
  return {
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await watching;
      keepAwake(false);
    },
  };
}
