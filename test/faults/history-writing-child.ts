import { appendFileSync } from 'node:fs';
import { openHistory } from '../../main/history/open-history.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import { call, callStart, launched } from '../support/history-events.ts';

/** Writes calls at full speed until it is killed; every few milliseconds notes how far it had come, and when. */
const [dataDir, acknowledged] = process.argv.slice(2) as [string, string];
await using history = await openHistory({ dataDir, clock: systemClock });
for (const event of launched(4)) history.sink.emit(event);
await history.flush();
process.stdout.write('writing\n');
for (let n = 1, notedAt = 0; ;) {
  for (let count = 0; count < 100; count++, n++) {
    history.sink.emit(callStart(n % 4, n));
    history.sink.emit(call(n % 4, n));
  }
  if (performance.now() - notedAt > 5) {
    appendFileSync(acknowledged, `${n - 1} ${Date.now()}\n`);
    notedAt = performance.now();
  }
  await (history.sink.room() ?? new Promise((resolve) => setImmediate(resolve)));
}
