import type { InstanceClient } from '../instance/join-instance.ts';

/** How much is going on. */
export interface LiveCounts {
  readonly liveRuns: number;
  readonly agentsRunning: number;
}

/** What follows how much is going on. */
export interface LiveListener {
  readonly onCounts: (counts: LiveCounts) => void;
  /** Told when it changes, and that it is over once nothing is watched any more. */
  readonly keepAwake: (isNeeded: boolean) => void;
}

/** Tells once a second how much runs, and when the machine has to stay awake for it. Ends by itself with the instance. */
export function watchLive({ calls }: Pick<InstanceClient, 'calls'>, listener: LiveListener): AsyncDisposable {
  const leaving = new AbortController();
  let isAwake = false;
  const keepAwake = (isNeeded: boolean): void => {
    if (isNeeded === isAwake) return;
    isAwake = isNeeded;
    listener.keepAwake(isNeeded);
  };
  const watching = (async () => {
    try {
      for await (const { liveRuns, agentsRunning } of calls.app.pulse({}, { signal: leaving.signal })) {
        listener.onCounts({ liveRuns, agentsRunning });
        keepAwake(liveRuns > 0);
      }
    } catch {
      // The instance is closing: there is nothing more to show.
    }
    listener.onCounts({ liveRuns: 0, agentsRunning: 0 });
    keepAwake(false);
  })();
  return {
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await watching;
    },
  };
}

/** `Nothing runs`, `1 run, 12 agents working`. */
export function toLiveWords({ liveRuns, agentsRunning }: LiveCounts): string {
  return liveRuns === 0 ? 'Nothing runs' : `${count(liveRuns, 'run')}, ${count(agentsRunning, 'agent')} working`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
