import type { RuntimeEvent } from '../../shared/events/runtime-event.ts';
import { EventIntake } from '../../main/history/ingest/event-intake.ts';
import { createReaderCalls, type ReaderCalls } from '../../main/history/reader/reader-calls.ts';
import { openForWriting } from '../../main/history/store/database.ts';
import { BatchWriter } from '../../main/history/writer/batch-writer.ts';
import { WordIndex } from '../../main/history/writer/word-index.ts';

/** A history in the test's own thread: events go in batch by batch, questions are answered at once. */
export function writeHistory(dataDir: string): Disposable & {
  write(events: readonly RuntimeEvent[]): void;
  index(): void;
  readonly calls: ReaderCalls;
} {
  const connection = openForWriting(dataDir);
  const writer = new BatchWriter(connection);
  const words = new WordIndex(connection);
  const intake = new EventIntake(65_536);
  const calls = createReaderCalls(dataDir, { nowMs: () => 0 });
  return {
    calls,
    write(events) {
      for (const event of events) intake.add(event, false);
      const batch = intake.take();
      if (batch) writer.write(batch, 0);
    },
    index() {
      while (words.step() > 0);
    },
    [Symbol.dispose]() {
      calls.close();
      connection.close();
    },
  };
}
