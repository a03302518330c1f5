import { describe, expect, test } from 'vitest';
import type { ContextContent } from '../../../runtime/cache/named/session-contexts.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { manualClock, settleMicrotasks } from '../../support/manual-clock.ts';
import { heldSpillStore } from '../../support/spill-store.ts';
import { cachesValues, testCaches } from '../../support/test-caches.ts';

const content = (text: string): ContextContent => ({ messages: [{ role: 'user', text }], chars: text.length });

function open(values: Parameters<typeof cachesValues>[0] = {}, options: { readonly isHeld?: boolean } = {}) {
  const clock = manualClock();
  const store = heldSpillStore(options);
  const caches = testCaches(values, { clock, spillStore: store });
  return { clock, store, caches, contexts: caches.sessionContexts };
}

describe('a context', () => {
  test('of an agent that runs is pinned and counted as it grows, and gone with its agent', () => {
    const { contexts } = open();
    const one = contexts.open('RUN/0');
    one.hold(content('a'));
    const { pinnedBytes } = contexts.figures();
    one.hold(content('a'.repeat(1_000)));
    expect(contexts.figures().pinnedBytes).toBe(pinnedBytes + 2 * 999);
    one[Symbol.dispose]();
    expect(contexts.figures()).toMatchObject({ entries: 0, pinnedEntries: 0 });
  });

  test('of an agent that rests stays in memory while there is room', async () => {
    const { contexts, store } = open();
    const one = contexts.open('RUN/0');
    one.hold(content('a'));
    expect(one.rest(content('a'))).toBe(true);
    expect(contexts.figures()).toMatchObject({ entries: 1, pinnedEntries: 0 });
    expect(await one.wake()).toEqual(content('a'));
    expect(contexts.figures()).toMatchObject({ pinnedEntries: 1, spilled: 0, hits: 1, misses: 0 });
    expect(store.kept.size).toBe(0);
  });

  test('goes to the store when others need its room, and comes back as it was', async () => {
    const { contexts, store } = open({ sessionContexts: { maxEntries: 2 } });
    const resting = ['0', '1', '2'].map((name) => {
      const one = contexts.open(name);
      one.rest(content(`größer 🚀 ${name}`));
      return one;
    });
    await settleMicrotasks();
    expect([...store.kept.keys()]).toEqual(['0']);
    expect(contexts.figures()).toMatchObject({ entries: 2, spilled: 1, left: { entries: 1 } });
    for (const [name, one] of resting.entries()) expect(await one.wake()).toEqual(content(`größer 🚀 ${name}`));
    expect(contexts.figures()).toMatchObject({ broughtBack: expect.any(Number) as number, loads: { failed: 0 } });
    for (const one of resting) one[Symbol.dispose]();
    expect([store.kept.size, contexts.figures().entries]).toEqual([0, 0]);
  });

  test('goes to the store when it has rested for its time, though nobody asks for anything', async () => {
    const { contexts, store, clock, caches } = open({ sessionContexts: { ttlMs: 60_000 } });
    const one = contexts.open('0');
    one.rest(content('a'));
    await clock.advance(59_000);
    expect(store.kept.size).toBe(0);
    await clock.advance(31_000);
    expect(store.kept.size).toBe(1);
    expect(await one.wake()).toEqual(content('a'));
    one.rest(content('b'));
    await caches.reconfigure(cachesValues({ sessionContexts: { ttlMs: 1_000 } }));
    await clock.advance(2_000);
    expect(store.kept.get('0')).toContain('"b"');
    one[Symbol.dispose]();
    caches[Symbol.dispose]();
  });

  test('that is woken while it is being written is not taken from the store, nor what was written when it rests again', async () => {
    const { contexts, store } = open({ sessionContexts: { maxEntries: 1 } }, { isHeld: true });
    const [one, other] = [contexts.open('0'), contexts.open('1')];
    one.rest(content('first'));
    other.hold(content('x'));
    expect(await one.wake()).toEqual(content('first'));
    one.rest(content('second'));
    store.release();
    await settleMicrotasks();
    expect(await one.wake()).toEqual(content('second'));
  });

  test('that cannot be written stays in memory', async () => {
    const { contexts, store } = open({ sessionContexts: { maxEntries: 1 } });
    store.failure = new AppError('DISK_FULL', 'Full.');
    const [one, other] = [contexts.open('0'), contexts.open('1')];
    one.rest(content('a'));
    other.hold(content('b'));
    await settleMicrotasks();
    expect(contexts.figures()).toMatchObject({ unwritable: 1, spilled: 0 });
    expect(await one.wake()).toEqual(content('a'));
  });

  test('that does not fit stays with its agent, and is counted', async () => {
    const { contexts } = open({ sessionContexts: { maxEntries: 1 } });
    contexts.open('0').hold(content('a'));
    const one = contexts.open('1');
    one.hold(content('b'));
    expect(contexts.figures()).toMatchObject({ entries: 1, pinnedEntries: 1, refused: 1 });
    // It rests all the same: there is a store.
    expect(one.rest(content('b'))).toBe(true);
    await settleMicrotasks();
    expect(await one.wake()).toEqual(content('b'));
  });
});

describe('switched off', () => {
  test('contexts stay with their agents, and those that rest already come back', async () => {
    const { contexts, caches } = open();
    const [one, other] = [contexts.open('0'), contexts.open('1')];
    one.rest(content('a'));
    await caches.reconfigure(cachesValues({ sessionContexts: { isEnabled: false } }));
    other.hold(content('b'));
    expect(other.rest(content('b'))).toBe(false);
    expect(await one.wake()).toEqual(content('a'));
  });

  test('without a store nothing rests', () => {
    const one = testCaches().sessionContexts.open('0');
    expect(one.rest(content('a'))).toBe(false);
  });
});

test('lowered limits send what rests to the store, a few at a time, and leave what is in use', async () => {
  const { contexts, caches, store } = open({}, { isHeld: true });
  const busy = contexts.open('busy');
  busy.hold(content('b'));
  const resting = Array.from({ length: 20 }, (_, at) => {
    const one = contexts.open(`${at}`);
    one.rest(content(`text ${at}`));
    return one;
  });
  await caches.reconfigure(cachesValues({ sessionContexts: { maxEntries: 1 } }));
  expect(contexts.figures()).toMatchObject({ entries: 1, pinnedEntries: 1, left: { resize: 20 } });
  expect(store.mostSaving).toBe(4);
  store.release();
  await settleMicrotasks();
  await settleMicrotasks();
  expect([store.kept.size, store.mostSaving]).toEqual([20, 4]);
  for (const [at, one] of resting.entries()) expect(await one.wake()).toEqual(content(`text ${at}`));
});

test('less memory sends contexts that rest to the store', async () => {
  const { contexts, caches, store } = open();
  for (const name of ['0', '1', '2']) contexts.open(name).rest(content('x'.repeat(1_000)));
  const { bytes } = contexts.figures();
  await caches.reconfigure(cachesValues({ sessionContexts: { maxBytes: Math.ceil(bytes / 2) } }));
  await settleMicrotasks();
  expect([contexts.figures().entries, store.kept.size]).toEqual([1, 2]);
});

test('another policy sends others to the store', async () => {
  const firstToGo = async (policy: 'lru' | 'w-tinylfu'): Promise<string[]> => {
    const { contexts, caches, store } = open();
    await caches.reconfigure(cachesValues({ sessionContexts: { policy } }));
    const all = ['0', '1', '2', '3'].map((name) => contexts.open(name));
    for (const one of all) one.rest(content('x'));
    // The first one is woken and rests again and again; then the others come once more.
    for (let times = 0; times < 8; times++) {
      await all[0]!.wake();
      all[0]!.rest(content('x'));
    }
    for (const one of all.slice(1)) {
      await one.wake();
      one.rest(content('x'));
    }
    await caches.reconfigure(cachesValues({ sessionContexts: { policy, maxEntries: 1 } }));
    await settleMicrotasks();
    return [...store.kept.keys()].toSorted();
  };
  expect(await firstToGo('lru')).toEqual(['0', '1', '2']);
  expect(await firstToGo('w-tinylfu')).not.toEqual(['0', '1', '2']);
});
