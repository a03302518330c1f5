import process from 'node:process';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { CommandFrame } from '../frame.ts';
import type { Session } from './run-session.ts';

/** A clean stop that a second signal interrupts gets this long to make durable what is already done. */
const STOP_NOW_MS = 1_000;

const INTERRUPTED_EXIT = 130;

/** What a first and a second signal do to a run. */
export interface RunSteps {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  readonly isInterrupted: boolean;
  stop(): void;
  stopNow(): void;
  launched(runId: string): void;
  /** Resolves when a stop that was asked for has been answered. */
  settled(): Promise<void>;
  /** From here on a signal stops the runs of other terminals. */
  alone(): void;
}

/** The steps for one run of `session`. */
export function createRunSteps({ client }: Session, { output }: CommandFrame): RunSteps {
  const asked = new AbortController();
  let runId: string | undefined;
  let isAlone = false;
  let stopping: Promise<unknown> = Promise.resolve();
  const stopRun = (): void => {
    if (runId === undefined) return;
    // A run that has just ended by itself cannot be stopped any more, which is as well.
    stopping = client.calls.runs.stop({ runId }).catch(() => undefined);
  };
  return {
    signal: asked.signal,
    get isInterrupted() {
      return asked.signal.aborted;
    },
    stop() {
      asked.abort();
      if (isAlone) {
        stopping = client.calls.runs.stopAll({}).catch(() => undefined);
        return;
      }
      output.note('Stopping cleanly; what is done is kept. Press Ctrl-C again to stop at once.');
      stopRun();
    },
    stopNow() {
      const stop = runId === undefined ? Promise.resolve() : client.calls.runs.stop({ runId, deadlineMs: 0 });
      void Promise.race([stop, systemClock.sleep(STOP_NOW_MS)])
        .catch(() => undefined)
        .finally(() => process.exit(INTERRUPTED_EXIT));
    },
    launched(id) {
      runId = id;
      if (asked.signal.aborted) stopRun();
    },
    settled: async () => void (await stopping),
    alone() {
      isAlone = true;
    },
  };
}
