import { systemClock } from '../../../runtime/time/clock.ts';
import { threadPort } from '../../../runtime/workers/thread-port.ts';
import { AgentAllocation } from '../../support/threads/agent-allocation.ts';

/** Steps a second, by the clock: a thread that stood still catches up. */
const STEPS_PER_SEC = 6_000;
const TICK_MS = 2;
/** Longest stretch of catching up before the event loop turns. */
const SLICE_MS = 20;

/** What the thread says when it is asked. */
export interface AllocationCount {
  readonly steps: number;
  readonly buffersMade: number;
}

const port = threadPort();
const { isPooled } = port.data as { readonly isPooled: boolean };
const allocation = new AgentAllocation(isPooled);
const startedMs = performance.now();
let steps = 0;

function tick(): void {
  const beganMs = performance.now();
  const due = Math.floor(((beganMs - startedMs) * STEPS_PER_SEC) / 1_000);
  while (steps < due && performance.now() - beganMs < SLICE_MS) {
    allocation.step();
    steps++;
  }
  systemClock.after(TICK_MS, tick);
}

port.onMessage(() => port.post({ steps, buffersMade: allocation.madeCount } satisfies AllocationCount));
port.onClose(() => process.exit(0));
tick();
