import { expect, test } from 'vitest';
import { type LiveCounts, toLiveWords, watchLive } from '../../../main/app/live-watch.ts';
import type { InstanceClient } from '../../../main/instance/join-instance.ts';

/** An instance whose pulse is worked by hand. */
function createPulse() {
  const queue: LiveCounts[] = [];
  let woken = Promise.withResolvers<void>();
  let taken = Promise.withResolvers<void>();
  const over = new AbortController();
  async function* pulse(_input: object, { signal }: { readonly signal: AbortSignal }): AsyncGenerator<LiveCounts> {
    signal.addEventListener('abort', () => woken.resolve());
    const ended = AbortSignal.any([signal, over.signal]);
    while (!ended.aborted) {
      for (let next = queue.shift(); next; next = queue.shift()) yield next;
      taken.resolve();
      await woken.promise;
      woken = Promise.withResolvers();
    }
  }
  return {
    client: { calls: { app: { pulse } } } as unknown as Pick<InstanceClient, 'calls'>,
    /** Resolves when it was listened to. */
    async beat(liveRuns: number, agentsRunning: number) {
      taken = Promise.withResolvers();
      queue.push({ liveRuns, agentsRunning });
      woken.resolve();
      await taken.promise;
    },
    end() {
      over.abort();
      woken.resolve();
    },
  };
}

test('the machine is kept awake while a run is live, and no longer', async () => {
  const pulse = createPulse();
  const told: unknown[] = [];
  const watch = watchLive(pulse.client, {
    onCounts: ({ liveRuns }) => void told.push(liveRuns),
    keepAwake: (isNeeded) => void told.push(isNeeded ? 'awake' : 'asleep'),
  });
  await pulse.beat(0, 0);
  await pulse.beat(1, 4);
  await pulse.beat(2, 8);
  await pulse.beat(0, 0);
  await pulse.beat(1, 1);
  expect(told).toEqual([0, 1, 'awake', 2, 0, 'asleep', 1, 'awake']);
  await watch[Symbol.asyncDispose]();
  expect(told.slice(-2)).toEqual([0, 'asleep']);
});

test('an instance that ends leaves nothing awake', async () => {
  const pulse = createPulse();
  const asleep = Promise.withResolvers<boolean>();
  await using _watch = watchLive(pulse.client, {
    onCounts: () => undefined,
    keepAwake: (isNeeded) => {
      if (!isNeeded) asleep.resolve(true);
    },
  });
  await pulse.beat(1, 1);
  pulse.end();
  expect(await asleep.promise).toBe(true);
});

test('how much runs, in words', () => {
  expect(toLiveWords({ liveRuns: 0, agentsRunning: 0 })).toBe('Nothing runs');
  expect(toLiveWords({ liveRuns: 1, agentsRunning: 12 })).toBe('1 run, 12 agents working');
  expect(toLiveWords({ liveRuns: 2, agentsRunning: 1 })).toBe('2 runs, 1 agent working');
});
