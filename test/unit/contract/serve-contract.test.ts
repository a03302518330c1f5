import { expect, test } from 'vitest';
import { CONTRACT_VERSION } from '../../../shared/contract/define.ts';
import { findFarewell } from '../../../shared/contract/farewell.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { errorOf } from '../../support/error-of.ts';
import { advanceInSteps, manualClock, settleMicrotasks } from '../../support/manual-clock.ts';
import { enter, openShop, wire } from './served.ts';

test('a query is answered with what its handler returns', async () => {
  const { server } = openShop(manualClock(), { price: ({ item }) => ({ cents: item.length }) });
  await using client = await enter(server);
  expect(await client.calls.shop.price({ item: 'pear' })).toEqual({ cents: 4 });
  expect(client.peer).toEqual({ program: 'shop 1', pid: process.pid });
});

test('an input that does not fit is refused with its place, and the handler is not called', async () => {
  let called = 0;
  const { server } = openShop(manualClock(), { price: () => ({ cents: ++called }) });
  await using client = await enter(server);
  await expect(client.calls.shop.price({ item: 3 } as never)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringContaining('"item"') as string,
  });
  expect(called).toBe(0);
});

test('a declared error arrives with code, sentence and details', async () => {
  const { server, logged } = openShop(manualClock(), {
    buy() {
      throw new AppError('FILE_NOT_FOUND', 'No such item.', { details: { retryAfterMs: 5 } });
    },
  });
  await using client = await enter(server);
  await expect(client.calls.shop.buy({ item: 'x' })).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: 'No such item.',
    details: { retryAfterMs: 5 },
  });
  expect(logged).toEqual([]);
});

test('an error that the entry does not declare becomes INTERNAL with an incident that finds its cause in the log', async () => {
  const cause = new AppError('DISK_FULL', 'secret place');
  const { server, logged } = openShop(manualClock(), {
    buy() {
      throw cause;
    },
  });
  await using client = await enter(server);
  const error = await client.calls.shop.buy({ item: 'x' }).catch((error: unknown) => error as AppError);
  expect(error).toMatchObject({ code: 'INTERNAL' });
  expect((error as AppError).message).not.toContain('secret place');
  expect(logged).toEqual([
    {
      message: expect.any(String) as string,
      fields: { incidentId: (error as AppError).details['incidentId'], entry: 'shop.buy', err: cause },
    },
  ]);
});

test('an output that does not fit its schema is a defect of ours, not an answer', async () => {
  const { server, logged } = openShop(manualClock(), { price: () => ({ cents: 'ten' }) as never });
  await using client = await enter(server);
  await expect(client.calls.shop.price({ item: 'x' })).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(logged).toHaveLength(1);
});

test('a command that is sent again with its request id applies once, also over another connection', async () => {
  let bought = 0;
  const { server } = openShop(manualClock(), { buy: () => ({ receipt: ++bought }) });
  await using one = await enter(server);
  await using other = await enter(server);
  const first = await one.calls.shop.buy({ item: 'x' }, { requestId: 'the-same-one' });
  const again = await other.calls.shop.buy({ item: 'x' }, { requestId: 'the-same-one' });
  expect([first, again, bought]).toEqual([{ receipt: 1 }, { receipt: 1 }, 1]);
  expect(await one.calls.shop.buy({ item: 'x' })).toEqual({ receipt: 2 });
});

test('a retry while the first try still runs waits for its outcome', async () => {
  const gate = Promise.withResolvers<void>();
  let started = 0;
  const { server } = openShop(manualClock(), {
    async buy() {
      const receipt = ++started;
      await gate.promise;
      return { receipt };
    },
  });
  await using client = await enter(server);
  const both = [1, 2].map(() => client.calls.shop.buy({ item: 'x' }, { requestId: 'the-same-one' }));
  await settleMicrotasks();
  gate.resolve();
  expect(await Promise.all(both)).toEqual([{ receipt: 1 }, { receipt: 1 }]);
});

test('a retry of a command that outlived its deadline learns what it came to, and it is applied once', async () => {
  const clock = manualClock();
  const end = Promise.withResolvers<void>();
  let bought = 0;
  const { server } = openShop(clock, {
    async buy(_input, { signal }) {
      bought++;
      await end.promise;
      signal.throwIfAborted();
      return { receipt: bought };
    },
  });
  await using client = await enter(server);
  const first = errorOf(client.calls.shop.buy({ item: 'x' }, { requestId: 'the-same-one' }));
  await settleMicrotasks();
  await clock.advance(1_000);
  expect(await first).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  const again = client.calls.shop.buy({ item: 'x' }, { requestId: 'the-same-one' });
  end.resolve();
  expect(await again).toEqual({ receipt: 1 });
  expect(bought).toBe(1);
});

test('a request id that stands for another command is refused', async () => {
  const { server } = openShop(manualClock(), {});
  await using client = await enter(server);
  await client.calls.shop.buy({ item: 'x' }, { requestId: 'the-same-one' });
  await expect(client.calls.shop.buy({ item: 'y' }, { requestId: 'the-same-one' })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  });
});

test('a request id that stands for a long text is refused for one that differs only at its end', async () => {
  const { server } = openShop(manualClock(), {});
  await using client = await enter(server);
  const long = 'x'.repeat(100_000);
  await client.calls.shop.buy({ item: `${long}1` }, { requestId: 'the-same-one' });
  await expect(client.calls.shop.buy({ item: `${long}2` }, { requestId: 'the-same-one' })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  });
});

test('a handler that does not finish is answered for at its deadline and its signal aborts', async () => {
  const clock = manualClock();
  const seen: AbortSignal[] = [];
  const { server } = openShop(clock, {
    price: (_input, { signal }) => {
      seen.push(signal);
      return new Promise(() => undefined);
    },
  });
  await using client = await enter(server);
  const answer = client.calls.shop.price({ item: 'x' }).catch((error: unknown) => error);
  await clock.advance(999);
  expect(seen[0]?.aborted).toBe(false);
  await clock.advance(1);
  expect(await answer).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(seen[0]?.aborted).toBe(true);
  expect(clock.pendingCount).toBe(0);
});

test('a cancelled query aborts its handler and rejects with the caller’s own reason', async () => {
  const seen: AbortSignal[] = [];
  const { server, logged } = openShop(manualClock(), {
    price: (_input, { signal }) => {
      seen.push(signal);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    },
  });
  await using client = await enter(server);
  const cancel = new AbortController();
  const answer = client.calls.shop.price({ item: 'x' }, { signal: cancel.signal });
  await settleMicrotasks();
  const reason = new Error('changed my mind');
  cancel.abort(reason);
  await expect(answer).rejects.toBe(reason);
  await settleMicrotasks();
  expect(seen[0]?.aborted).toBe(true);
  expect(logged).toEqual([]);
});

test('a connection that ends aborts what it asked for, and its calls reject', async () => {
  const seen: AbortSignal[] = [];
  const { server } = openShop(manualClock(), {
    price: (_input, { signal }) => {
      seen.push(signal);
      return new Promise(() => undefined);
    },
  });
  const client = await enter(server);
  const answer = client.calls.shop.price({ item: 'x' }).catch((error: unknown) => error);
  await settleMicrotasks();
  await client[Symbol.asyncDispose]();
  expect(await answer).toMatchObject({ code: 'INSTANCE_UNREACHABLE' });
  await settleMicrotasks();
  expect(seen[0]?.aborted).toBe(true);
});

test('another version of the contract is refused at the handshake, in both directions', async () => {
  const { server } = openShop(manualClock(), {});
  const { received, say, ended } = wire(server);
  say({ type: 'hello', version: 99, client: 'from the future' });
  await ended;
  expect(received).toMatchObject([{ type: 'error', id: 0, error: { code: 'CONTRACT_VERSION' } }]);
});

test.each([
  ['a call before the handshake', [{ type: 'call', id: 1, entry: 'shop.price', input: { item: 'x' } }]],
  [
    'a message of no known type',
    [
      { type: 'hello', version: CONTRACT_VERSION, client: 'x' },
      { type: 'shout', id: 1 },
    ],
  ],
  [
    'a message with a field too many',
    [
      { type: 'hello', version: CONTRACT_VERSION, client: 'x' },
      { type: 'cancel', id: 1, why: 'x' },
    ],
  ],
  ['no object at all', [null]],
  [
    'an id that is not whole',
    [
      { type: 'hello', version: CONTRACT_VERSION, client: 'x' },
      { type: 'cancel', id: 1.5 },
    ],
  ],
])('%s ends the connection', async (_what, messages) => {
  const { server } = openShop(manualClock(), {});
  const { received, say, ended } = wire(server);
  for (const message of messages) say(message);
  await ended;
  expect(received.at(-1)).toMatchObject({ type: 'error', id: 0, error: { code: 'INPUT_INVALID' } });
});

test.each(['shop.steal', 'shop.__proto__', 'shop.constructor', 'constructor.name', 'shop.toString', 'shop.parcels'])(
  'calling "%s", which is no call, is refused and the connection goes on',
  async (entry) => {
    const { server } = openShop(manualClock(), {});
    const { received, say } = wire(server);
    say({ type: 'hello', version: CONTRACT_VERSION, client: 'x' });
    say({ type: 'call', id: 1, entry, input: {} });
    say({ type: 'call', id: 2, entry: 'shop.price', input: { item: 'x' } });
    await settleMicrotasks();
    expect(received.slice(1)).toMatchObject([
      { type: 'error', id: 1, error: { code: 'INPUT_INVALID' } },
      { type: 'result', id: 2, output: { cents: 100 } },
    ]);
  },
);

test('a connection may have 256 calls open; the next is refused with a time to wait', async () => {
  const { server } = openShop(manualClock(), { price: () => new Promise(() => undefined) });
  const { received, say } = wire(server);
  say({ type: 'hello', version: CONTRACT_VERSION, client: 'x' });
  for (let id = 1; id <= 257; id++) say({ type: 'call', id, entry: 'shop.price', input: { item: 'x' } });
  await settleMicrotasks();
  expect(received.slice(1)).toMatchObject([
    {
      type: 'error',
      id: 257,
      error: { code: 'LANE_SATURATED', details: { retryAfterMs: expect.any(Number) as number } },
    },
  ]);
});

test('a server that ends says to every connection what becomes of the runs, after it has answered what was asked', async () => {
  const price = Promise.withResolvers<{ cents: number }>();
  const clock = manualClock();
  const farewell = { stoppedRuns: 2, isShowingOther: false };
  const { server } = openShop(clock, { price: () => price.promise }, () => farewell);
  const client = await enter(server);
  const asked = client.calls.shop.price({ item: 'pear' });
  await settleMicrotasks();
  const leaving = server[Symbol.asyncDispose]();
  price.resolve({ cents: 3 });
  expect(await asked).toEqual({ cents: 3 });
  await advanceInSteps(clock, 100, 20);
  await leaving;
  const error = await client.ended;
  expect(error && findFarewell(error)).toEqual(farewell);
  expect(error?.message).toBe('Flotilla was ended; its 2 runs were stopped and can be resumed.');
  // Of what is asked from here on nobody says that it was not applied.
  expect(error?.details['isLeaving']).toBeUndefined();
});

test('a connection that was not greeted gets no farewell', async () => {
  const { server } = openShop(manualClock(), {}, () => ({ stoppedRuns: 1, isShowingOther: false }));
  const stranger = wire(server);
  await server[Symbol.asyncDispose]();
  await stranger.ended;
  expect(stranger.received).toEqual([]);
});
