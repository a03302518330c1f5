import { expect, test } from 'vitest';
import { createPulseFeed, type PulseSampler } from '../../../main/app/pulse.ts';
import type { Pulse } from '../../../shared/contract/app.ts';
import { errorOf } from '../../support/error-of.ts';
import { manualClock, settleMicrotasks } from '../../support/manual-clock.ts';

function scripted(sample?: () => Promise<Pulse>) {
  const clock = manualClock();
  const counts = { opened: 0, closed: 0, samples: 0 };
  const open = (): PulseSampler => {
    counts.opened++;
    return {
      async sample() {
        counts.samples++;
        return sample ? await sample() : ({ atMs: counts.samples } as Pulse);
      },
      [Symbol.dispose]: () => void counts.closed++,
    };
  };
  const feed = createPulseFeed(clock, open);
  const listen = () => {
    const leaving = new AbortController();
    const stream = feed.listen(leaving.signal);
    return { next: () => stream.next(), leave: () => leaving.abort() };
  };
  return { clock, counts, feed, listen };
}

test('nothing is measured while nobody listens', async () => {
  const { clock, counts } = scripted();
  await clock.advance(10_000);
  expect([counts.opened, clock.pendingCount]).toEqual([0, 0]);
});

test('all listeners share one sampler and one pulse a second', async () => {
  const { clock, counts, feed, listen } = scripted();
  const [one, two] = [listen(), listen()];
  const first = Promise.all([one.next(), two.next()]);
  await clock.advance(200);
  expect((await first).map(({ value }) => value)).toEqual([{ atMs: 1 }, { atMs: 1 }]);
  const second = Promise.all([one.next(), two.next()]);
  await clock.advance(999);
  expect(counts.samples).toBe(1);
  await clock.advance(1);
  expect((await second).map(({ value }) => value)).toEqual([{ atMs: 2 }, { atMs: 2 }]);
  expect([counts.opened, feed.listeners]).toEqual([1, 2]);
});

test('one who comes later gets the newest at once', async () => {
  const { clock, listen } = scripted();
  const first = listen();
  const begun = first.next();
  await clock.advance(3_200);
  await begun;
  expect((await listen().next()).value).toEqual({ atMs: 4 });
});

test('with the last listener the sampler and its timer go, and the next begins anew', async () => {
  const { clock, counts, feed, listen } = scripted();
  const one = listen();
  const begun = one.next();
  await clock.advance(200);
  await begun;
  const ended = one.next();
  one.leave();
  expect(await ended).toEqual({ done: true, value: undefined });
  expect([counts.closed, feed.listeners, clock.pendingCount]).toEqual([1, 0, 0]);
  const two = listen();
  const again = two.next();
  await settleMicrotasks();
  expect(counts.opened).toBe(2);
  await clock.advance(200);
  expect((await again).value).toEqual({ atMs: 2 });
});

test('a sample that fails ends those who listen', async () => {
  const { clock, feed, listen } = scripted(async () => {
    throw new Error('no figures');
  });
  const next = listen().next();
  const failed = errorOf(next);
  await clock.advance(200);
  expect(await failed).toMatchObject({ message: 'no figures' });
  expect(feed.listeners).toBe(0);
});
