import type { EventSink } from '../../shared/events/event-sink.ts';

/** The store, as the rest of main sees it: a sink for facts and a reader for questions. */
export interface History extends AsyncDisposable {
  readonly sink: EventSink;
  /** Resolves when everything emitted so far is durable. */
  flush(): Promise<void>;
}
