import { isAppError, type AppError } from '../../../shared/errors/app-error.ts';
import { openGate } from '../../../runtime/admission/gate.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { Measured } from '../section.ts';

/** Submitted in one go before the flood looks whether it was refused. */
const BURST = 20_000;
const MB = 2 ** 20;

/** `total` tasks thrown at a queue of `queueCapacity`: those refused are thrown again after the time they were told. */
export async function boundedFlood(total: number, queueCapacity: number): Promise<Measured> {
  await using gate = openGate({ lanes: { io: { maxRunning: 100, queueCapacity } }, clock: systemClock });
  const beforeBytes = process.memoryUsage.rss();
  let started = 0;
  let left = total;
  let refusedCount = 0;
  let failed: unknown;
  const work = async (): Promise<void> => void started++;
  const startMs = performance.now();
  while (left > 0) {
    const burst = Math.min(BURST, left);
    left -= burst;
    let retryAfterMs = 0;
    const onRefused = (error: unknown): void => {
      if (!isAppError(error, 'LANE_SATURATED')) failed = error;
      left++;
      refusedCount++;
      retryAfterMs = Math.max(retryAfterMs, Number((error as AppError).details.retryAfterMs));
    };
    for (let index = 0; index < burst; index++)
      gate.submit('io', work, { owner: `run/${index % 100}` }).catch(onRefused);
    await systemClock.sleep(retryAfterMs);
  }
  while (gate.stats().some(({ running, waiting }) => running + waiting > 0)) await systemClock.sleep(1);
  if (failed !== undefined) throw failed;
  if (started !== total) throw new Error(`${started} of ${total} tasks were started.`);
  const ms = performance.now() - startMs;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return { opsPerSec: (total / ms) * 1_000, refusedCount, aboveIdleMb: (peakBytes - beforeBytes) / MB };
}
