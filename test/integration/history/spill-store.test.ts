import { expect, test } from 'vitest';
import { openHistory } from '../../../main/history/open-history.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

test('a context is answered as it was saved, the newest one, and none after it was dropped', async () => {
  using directory = temporaryDirectory();
  await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
  const { spillStore } = history;
  expect(await spillStore.load('RUN/0')).toBeUndefined();
  const text = JSON.stringify({ messages: ['größer 🚀\n'.repeat(10_000)] });
  const saved = spillStore.save('RUN/0', 'old');
  await Promise.all([saved, spillStore.save('RUN/0', text), spillStore.save('RUN/1', 'other')]);
  expect(await spillStore.load('RUN/0')).toBe(text);
  spillStore.drop('RUN/0');
  expect([await spillStore.load('RUN/0'), await spillStore.load('RUN/1')]).toEqual([undefined, 'other']);
});

test('nothing of it is left for the program that comes after', async () => {
  using directory = temporaryDirectory();
  {
    await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
    await history.spillStore.save('RUN/0', 'x');
  }
  await using history = await openHistory({ dataDir: directory.path, clock: systemClock });
  expect(await history.spillStore.load('RUN/0')).toBeUndefined();
});
