import type { EventSink } from '../../shared/events/event-sink.ts';
import type { RuntimeEvent } from '../../shared/events/runtime-event.ts';

/** A sink that keeps what it is given. */
export function recordingSink(): EventSink & {
  readonly events: RuntimeEvent[];
  of<Type extends RuntimeEvent['type']>(type: Type): Extract<RuntimeEvent, { type: Type }>[];
} {
  const events: RuntimeEvent[] = [];
  return {
    events,
    emit: (event) => void events.push(event),
    room: () => undefined,
    of: <Type extends RuntimeEvent['type']>(type: Type) =>
      events.filter((event): event is Extract<RuntimeEvent, { type: Type }> => event.type === type),
  };
}
