import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { RuntimeEvent } from '../../../shared/events/runtime-event.ts';
import type { AgentTable } from '../agent-table.ts';
import type { RunObserver } from '../live-run.ts';
import type { RunFrameRecorder } from '../run-frames.ts';

/** Where the events of a run go. */
export interface RunEventsParts {
  readonly sink: EventSink;
  readonly table: AgentTable;
  readonly frames: RunFrameRecorder;
}

/** The way out for every event of one run: its table and figures take it in, then it leaves, then observers see it. */
export class RunEvents implements EventSink {
  readonly #parts: RunEventsParts;
  readonly #observers = new Set<RunObserver>();
  #isMuted = false;

  constructor(parts: RunEventsParts) {
    this.#parts = parts;
  }

  get isMuted(): boolean {
    return this.#isMuted;
  }

  emit(event: RuntimeEvent): void {
    if (this.#isMuted) return;
    const { sink, table, frames } = this.#parts;
    table.note(event);
    frames.note(event);
    sink.emit(event);
    if (this.#observers.size > 0) for (const observer of this.#observers) observer(event);
  }

  room(): Promise<void> | undefined {
    return this.#parts.sink.room();
  }

  observe(observer: RunObserver): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** Lets nothing out from now on: the record of the run stays as it is. */
  mute(): void {
    this.#isMuted = true;
  }
}
