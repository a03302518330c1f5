import type { ErrorData } from '../../../shared/errors/app-error.ts';

/** Tasks that go to a thread in one message, in order: the slot of the first, then one name and one input each. */
export interface GroupMessage {
  readonly firstSlot: number;
  /** One number for all, or one each. */
  readonly names: number | readonly number[];
  readonly inputs: readonly unknown[];
  /** What the numbers mean that the thread has not seen yet. */
  readonly newNames?: readonly (readonly [number, string])[];
}

/** An answer that the ring did not take. */
export interface DirectAnswer {
  readonly slot: number;
  readonly durationUs: number;
  readonly value?: unknown;
  readonly error?: ErrorData;
}

/** There are answers in the ring. */
export const BELL = 0;
/** The thread has started and waits for tasks. */
export const READY = 1;

/** What a thread posts to its owner. */
export type ThreadMessage = typeof BELL | typeof READY | DirectAnswer;
