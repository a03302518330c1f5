/** Work that a test starts through something and ends by hand. */
export interface ManualWork<T> {
  readonly run: () => Promise<T>;
  readonly startedCount: number;
  finish(value: T): void;
  fail(error: unknown): void;
  /** Ends everything that has been started. */
  finishAll(value: T): void;
}

/** Work that ends when `finish` or `fail` is called; a second start gets a promise of its own, ended by the next call. */
export function manualWork<T = void>(): ManualWork<T> {
  const open: PromiseWithResolvers<T>[] = [];
  let startedCount = 0;
  return {
    run() {
      startedCount++;
      const deferred = Promise.withResolvers<T>();
      open.push(deferred);
      return deferred.promise;
    },
    get startedCount() {
      return startedCount;
    },
    finish: (value) => open.shift()?.resolve(value),
    fail: (error) => open.shift()?.reject(error),
    finishAll: (value) => {
      for (const deferred of open.splice(0)) deferred.resolve(value);
    },
  };
}
