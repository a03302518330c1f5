import { AppError } from '../../shared/errors/app-error.ts';

/** What holds a run's agents up between their turns: a pause, or the end. */
export interface RunHold {
  readonly pausedFor: string | undefined;
  readonly stopping: boolean;
  /** Aborts when the run begins to stop; its reason is an `AppError` TASK_CANCELLED. */
  readonly signal: AbortSignal;
  /** Agents that wait at the checkpoint now. */
  readonly waiting: number;
  pause(reason: string): void;
  resume(): void;
  /** Whoever passes or waits at the checkpoint from now on is cancelled. */
  stop(): void;
  /** See `RunControl.checkpoint`. */
  pass(onPause: (reason: string) => void): Promise<void> | undefined;
}

/** The checkpoint of one run. `onWaiting` is called after each agent that begins to wait. */
export function createRunHold(onWaiting: () => void): RunHold {
  let pausedFor: string | undefined;
  const ending = new AbortController();
  const held: PromiseWithResolvers<void>[] = [];
  const letGo = (settle: (one: PromiseWithResolvers<void>) => void): void => {
    for (const one of held.splice(0)) settle(one);
  };
  return {
    get pausedFor() {
      return pausedFor;
    },
    signal: ending.signal,
    get stopping() {
      return ending.signal.aborted;
    },
    get waiting() {
      return held.length;
    },
    pause(reason) {
      pausedFor ??= reason;
    },
    resume() {
      pausedFor = undefined;
      letGo((one) => one.resolve());
    },
    stop() {
      if (!ending.signal.aborted) ending.abort(createStopError());
      letGo((one) => one.reject(createStopError()));
    },
    pass(onPause) {
      if (ending.signal.aborted) return Promise.reject(createStopError());
      if (pausedFor === undefined) return undefined;
      const one = Promise.withResolvers<void>();
      held.push(one);
      onPause(pausedFor);
      onWaiting();
      return one.promise;
    },
  };
}

function createStopError(): AppError {
  return new AppError('TASK_CANCELLED', 'The run is stopping.');
}
