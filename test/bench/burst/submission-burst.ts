import { openGate } from '../../../runtime/admission/gate.ts';
import { submitWhenRoom } from '../../../runtime/admission/submit-when-room.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { Measured } from '../section.ts';
import { MemoryWatch } from './memory-watch.ts';

const SLOTS = 256;
const AGENTS = 1_000;
/** Ends between two looks at the memory. */
const LOOK_EVERY = 5_000;

/** What the burst is made of: callers that all come in one go and stay until they are done. */
export interface Callers {
  readonly count: number;
  readonly queueCapacity: number;
}

/**
 * Callers that all submit in one go and come back when the lane is full, with what is waited for by nobody but themselves.
 * Throws when one of them was lost, failed or ran twice.
 */
export async function measureSubmissionBurst({ count, queueCapacity }: Callers): Promise<Measured> {
  await using gate = openGate({ lanes: { io: { maxRunning: SLOTS, queueCapacity } }, clock: systemClock });
  const memory = new MemoryWatch();
  const ran = new Uint8Array(count);
  let ended = 0;
  let refusedCount = 0;
  let mostWaiting = 0;
  const onRefused = (): void => void refusedCount++;
  const all = Promise.withResolvers<void>();
  const onEnd = (): void => {
    ended++;
    if (ended % LOOK_EVERY === 0) {
      memory.look();
      mostWaiting = Math.max(mostWaiting, gate.stats()[0]!.waiting);
    }
    if (ended === count) all.resolve();
  };
  const startMs = performance.now();
  for (let index = 0; index < count; index++) {
    const work = async (): Promise<void> => void ran[index]!++;
    const admission = { owner: `run/${index % AGENTS}` };
    submitWhenRoom(gate, { lane: 'io', work, admission, clock: systemClock, onRefused }).then(onEnd, all.reject);
  }
  memory.look();
  const submittedMb = memory.aboveIdleMb;
  mostWaiting = gate.stats()[0]!.waiting;
  await all.promise;
  const totalMs = performance.now() - startMs;
  if (ran.some((times) => times !== 1)) throw new Error('Some callers were lost or ran twice.');
  if (mostWaiting > queueCapacity) throw new Error(`${mostWaiting} waited in a queue of ${queueCapacity}.`);
  const opsPerSec = (count / totalMs) * 1_000;
  return { opsPerSec, totalMs, refusedCount, submittedMb, aboveIdleMb: memory.aboveIdleMb };
}

/** The least that as many callers cost: each waits for a timer and for nothing else. */
export async function measureWaitingCallers(count: number): Promise<Measured> {
  const memory = new MemoryWatch();
  const caller = async (): Promise<void> => {
    await systemClock.sleep(1_000);
  };
  const startMs = performance.now();
  const all: Promise<void>[] = Array.from({ length: count }, () => caller());
  memory.look();
  const submittedMb = memory.aboveIdleMb;
  await Promise.all(all);
  memory.look();
  const totalMs = performance.now() - startMs;
  return { opsPerSec: (count / totalMs) * 1_000, totalMs, submittedMb, aboveIdleMb: memory.aboveIdleMb };
}
