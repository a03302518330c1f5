import type { Pulse } from '../../shared/contract/app.ts';

/** Below this share of the machine's memory the operating system begins to swap, or to end programs. */
const MIN_AVAILABLE_RATIO = 0.05;

/** A person feels a pause of this length; main's own aim is a tenth of it. */
const MAX_LOOP_DELAY_MS = 100;

/** A refusal is told for this long, so that one that comes every few seconds does not blink. */
export const REFUSAL_SHOWN_MS = 10_000;

/** What the health of an instance is judged by. */
export interface Vitals {
  readonly trouble: string | undefined;
  readonly memory: Pick<Pulse['memory'], 'availableBytes' | 'machineBytes' | 'gate'>;
  readonly loopDelayP99Ms: number;
  /** The lane that last refused work, when that was less than `REFUSAL_SHOWN_MS` ago. */
  readonly refusedLane: string | undefined;
}

/**
 * How the instance feels, the worst that holds: `trouble` while history cannot be written; `busy` while the memory gate holds
 * starts back or less than 5 % of the memory is available, main's event loop was late by more than 100 ms (p99 of the last second), or a lane refused work in
 * the last 10 s; else `healthy`.
 */
export function toHealth({ trouble, memory, loopDelayP99Ms, refusedLane }: Vitals): Pulse['health'] {
  if (trouble !== undefined) return { level: 'trouble', reason: trouble };
  if (memory.gate.level === 'short') return { level: 'busy', reason: memory.gate.text };
  if (memory.availableBytes < memory.machineBytes * MIN_AVAILABLE_RATIO) {
    const left = Math.round(memory.availableBytes / 1_000_000);
    return {
      level: 'busy',
      reason: `Memory is short: ${left} MB are left; close other programs or lower agents.maxRunning.`,
    };
  }
  if (loopDelayP99Ms > MAX_LOOP_DELAY_MS) {
    return { level: 'busy', reason: `The program answers ${Math.round(loopDelayP99Ms)} ms late; it has much to do.` };
  }
  if (refusedLane !== undefined) {
    return { level: 'busy', reason: `The lane ${refusedLane} was full and refused work; the work is tried again.` };
  }
  return { level: 'healthy' };
}
