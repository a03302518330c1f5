import type { RuntimeEvent } from './runtime-event.ts';

/**
 * Where the runtime's facts go.
 *
 * `emit` never throws, never waits and does not keep the object it is given longer than the call
 * unless it is plain immutable data. When the receiver falls behind, `room` says so: work that
 * would produce more events waits for it first, so that nothing has to be dropped.
 */
export interface EventSink {
  emit(event: RuntimeEvent): void;
  /** `undefined` while there is room (the usual case, no allocation), else a promise of it; rejects when none will come. */
  room(): Promise<void> | undefined;
}
