import type { RunProgress } from '../../../shared/model/run-summary.ts';

/** The promise that a run is settled: ended, or held up for its budget with nothing of it in flight. */
export class RunSettling {
  #present = Promise.withResolvers<RunProgress>();

  /** A new one after each `renew`. */
  get promise(): Promise<RunProgress> {
    return this.#present.promise;
  }

  /** Whoever waits for a pause that was not complete yet now waits for the next end or pause. */
  renew(): void {
    const next = Promise.withResolvers<RunProgress>();
    this.#present.resolve(next.promise);
    this.#present = next;
  }

  settle(progress: RunProgress): void {
    this.#present.resolve(progress);
  }

  /** Settles when `ready` has settled, whether well or not, unless the run went on meanwhile. */
  settleAfter(ready: Promise<void>, progress: () => RunProgress): void {
    const present = this.#present;
    const settle = (): void => {
      if (present === this.#present) present.resolve(progress());
    };
    ready.then(settle, settle);
  }
}
