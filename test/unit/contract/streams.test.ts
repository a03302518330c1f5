import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONTRACT_VERSION } from '../../../shared/contract/define.ts';
import type { ServerMessage } from '../../../shared/contract/wire.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { manualClock, settleMicrotasks, type ManualClock } from '../../support/manual-clock.ts';
import { enter, openShop, wire } from './served.ts';

async function* upTo(count: number, onAsked?: (n: number) => void): AsyncGenerator<number> {
  for (let n = 1; n <= count; n++) {
    onAsked?.(n);
    yield n;
  }
}

async function collect(items: AsyncIterable<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Moves the clock until `done` settles. */
async function whileMoving<T>(clock: ManualClock, done: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const watched = done.finally(() => (state.isDone = true));
  while (!state.isDone) await clock.advance(100);
  return watched;
}

test('a stream that waits brings every item once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 60 }), async (count) => {
      const clock = manualClock();
      const { server } = openShop(clock, { parcels: () => upTo(count) });
      await using client = await enter(server);
      const received: number[] = await whileMoving(clock, collect(client.calls.shop.parcels({})));
      expect(received).toEqual(Array.from({ length: count }, (_, at) => at + 1));
    }),
    { numRuns: 20 },
  );
});

test('a stream that waits never asks its source for more than two buffers ahead of its reader', async () => {
  const clock = manualClock();
  let asked = 0;
  const { server } = openShop(clock, { parcels: () => upTo(100, (n) => (asked = n)) });
  await using client = await enter(server);
  const reader = client.calls.shop.parcels({});
  await clock.advance(5_000);
  // Four lie with the receiver as its credit, four in the buffer, and one was asked for to find the buffer full.
  expect(asked).toBeLessThanOrEqual(9);
  const first: number[] = [];
  for await (const item of reader) {
    first.push(item);
    if (first.length === 4) break;
  }
  expect(first).toEqual([1, 2, 3, 4]);
});

test('a stream of states forgets the oldest for a reader that does not read, and says how many', async () => {
  const clock = manualClock();
  const { server } = openShop(clock, { prices: () => upTo(50) });
  const { received, say } = wire(server);
  say({ type: 'hello', version: CONTRACT_VERSION, client: 'x' });
  say({ type: 'open', id: 1, entry: 'shop.prices', input: {}, credit: 2 });
  for (let turn = 0; turn < 50; turn++) await clock.advance(20);
  say({ type: 'ack', id: 1, items: 4 });
  await clock.advance(1_000);
  const items = received.filter((message) => (message as ServerMessage).type === 'items') as Extract<
    ServerMessage,
    { type: 'items' }
  >[];
  const all = items.flatMap((message) => message.items) as number[];
  const dropped = items.reduce((sum, message) => sum + message.dropped, 0);
  expect(all.length + dropped).toBe(50);
  expect(all.slice(-4)).toEqual([47, 48, 49, 50]);
  expect(all).toEqual(all.toSorted((a, b) => a - b));
});

test('a stream says something at most once in 100 ms', async () => {
  const clock = manualClock();
  const sentAtMs: number[] = [];
  const { server } = openShop(clock, { parcels: () => upTo(40) });
  await using client = await enter(server, (message) => {
    if (message.type === 'items') sentAtMs.push(clock.monoMs());
  });
  await whileMoving(clock, collect(client.calls.shop.parcels({})));
  const gaps = sentAtMs.slice(1).map((atMs, at) => atMs - (sentAtMs[at] as number));
  expect(gaps.length).toBeGreaterThan(3);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
});

test('items before a failure arrive, then the failure', async () => {
  const clock = manualClock();
  const { server } = openShop(clock, {
    async *parcels() {
      yield 1;
      yield 2;
      throw new AppError('LANE_SATURATED', 'no more');
    },
  });
  await using client = await enter(server);
  const received: number[] = [];
  const reading = (async (): Promise<undefined> => {
    for await (const item of client.calls.shop.parcels({})) received.push(item);
    return undefined;
  })().catch((error: unknown) => error);
  await clock.advance(1_000);
  expect(await reading).toMatchObject({ code: 'LANE_SATURATED' });
  expect(received).toEqual([1, 2]);
});

test('a reader that leaves ends the source', async () => {
  const clock = manualClock();
  const seen: AbortSignal[] = [];
  const { server } = openShop(clock, {
    async *parcels(_input, { signal }) {
      seen.push(signal);
      yield 1;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  await using client = await enter(server);
  for await (const item of client.calls.shop.parcels({})) {
    expect(item).toBe(1);
    break;
  }
  await settleMicrotasks();
  expect(seen[0]?.aborted).toBe(true);
});

test('a receiver cannot make the buffer larger than its entry declares, whatever credit it claims', async () => {
  const clock = manualClock();
  const { server } = openShop(clock, { parcels: () => upTo(100) });
  const { received, say } = wire(server);
  say({ type: 'hello', version: CONTRACT_VERSION, client: 'x' });
  say({ type: 'open', id: 1, entry: 'shop.parcels', input: {}, credit: 100_000 });
  say({ type: 'ack', id: 1, items: 100_000 });
  await clock.advance(150);
  const items = received.filter((message) => (message as ServerMessage).type === 'items') as Extract<
    ServerMessage,
    { type: 'items' }
  >[];
  expect(Math.max(...items.map((message) => message.items.length))).toBeLessThanOrEqual(4);
});
