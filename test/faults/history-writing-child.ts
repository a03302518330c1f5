import { appendFileSync } from 'node:fs';
import { openHistory } from '../../main/history/open-history.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import { areCpuWaitsKnown, readCpuWaitMs } from '../support/threads/cpu-waits.ts';
import { call, callStart, launched } from '../support/history-events.ts';

/**
 * Writes calls until it is killed, and notes how far it had come.
 *
 * `full` at full speed, where batches fill up, and `slow` a few at a time, where they wait for their time to come, each note
 * every few milliseconds what was emitted, when, and how long the threads had waited for a processor until then; `flushed`
 * notes what a flush has acknowledged.
 */
const [dataDir, notes, mode] = process.argv.slice(2) as [string, string, 'full' | 'slow' | 'flushed'];
const CALLS = mode === 'slow' ? 2 : 100;
const NOTE_MS = 5;

await using history = await openHistory({ dataDir, clock: systemClock });
for (const event of launched(4)) history.sink.emit(event);
await history.flush();
process.stdout.write('writing\n');
for (let n = 1, notedAt = 0; ;) {
  for (let count = 0; count < CALLS; count++, n++) {
    history.sink.emit(callStart(n % 4, n));
    history.sink.emit(call(n % 4, n));
  }
  if (mode === 'flushed') await history.flush();
  if (mode === 'flushed' || performance.now() - notedAt > NOTE_MS) {
    const waitMs = areCpuWaitsKnown ? readCpuWaitMs('self') : 0;
    appendFileSync(notes, `${n - 1} ${Date.now()} ${waitMs}\n`);
    notedAt = performance.now();
  }
  if (mode === 'slow') await new Promise((resolve) => setTimeout(resolve, NOTE_MS));
  await (history.sink.room() ?? new Promise((resolve) => setImmediate(resolve)));
}
