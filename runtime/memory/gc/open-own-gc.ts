import { performance } from 'node:perf_hooks';
import { openGcPlace } from './gc-threads.ts';
import { observeGc } from './observe-gc.ts';
import type { GcRecordOptions } from './gc-record.ts';

/**
 * Records the collections of the thread that calls it, which nobody opened (`main`), among those of `gcOfThreads()` until the
 * result is disposed of. Other threads are recorded by `openThread`.
 *
 * @throws {AppError} SETTING_INVALID
 */
export function openOwnGc(name: string, options?: GcRecordOptions): Disposable {
  const place = openGcPlace(name, () => performance.eventLoopUtilization().active, options);
  const observing = observeGc(place.shared);
  return {
    [Symbol.dispose]: () => {
      observing[Symbol.dispose]();
      place[Symbol.dispose]();
    },
  };
}
