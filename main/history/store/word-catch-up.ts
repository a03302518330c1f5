import type { Clock } from '../../../runtime/time/clock.ts';
import { WordIndex } from '../writer/word-index.ts';
import { openForWriting } from './database.ts';

/**
 * Takes rows that are not indexed yet into the word index, for at most `maxMs`; for commands, when no program that writes
 * the history does it behind ingest. What another program holds or nobody may write stays as it is.
 */
export function catchUpWords(dataDir: string, clock: Clock, maxMs: number): void {
  try {
    const connection = openForWriting(dataDir);
    try {
      const words = new WordIndex(connection);
      const until = clock.monoMs() + maxMs;
      while (clock.monoMs() < until && words.step() > 0);
    } finally {
      connection.close();
    }
  } catch {
    // The index is a convenience: a search that finds less says how far it is behind.
  }
}
