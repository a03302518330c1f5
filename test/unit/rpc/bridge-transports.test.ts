import { expect, test } from 'vitest';
import { bridgeTransports } from '../../../main/rpc/bridge-transports.ts';
import type { Transport } from '../../../shared/contract/transport.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { settleMicrotasks } from '../../support/manual-clock.ts';

/** One side of a bridge, worked by hand. */
class Side implements Transport<object> {
  readonly sent: object[] = [];
  isClosed = false;
  free: PromiseWithResolvers<void> | undefined;
  #listener: (message: unknown) => void = () => undefined;
  readonly #onEnd: ((error?: AppError) => void)[] = [];

  send(message: object): void {
    this.sent.push(message);
  }
  room(): Promise<void> | undefined {
    return this.free?.promise;
  }
  onMessage(listener: (message: unknown) => void): void {
    this.#listener = listener;
  }
  onEnd(listener: (error?: AppError) => void): void {
    this.#onEnd.push(listener);
  }
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const listener of this.#onEnd) listener();
  }
  say(message: unknown): void {
    this.#listener(message);
  }
}

function bridged(): [Side, Side] {
  const sides: [Side, Side] = [new Side(), new Side()];
  bridgeTransports(...sides);
  return sides;
}

test('every message is passed on, in order, both ways', async () => {
  const [one, other] = bridged();
  one.say({ a: 1 });
  one.say({ a: 2 });
  other.say({ b: 1 });
  await settleMicrotasks();
  expect(other.sent).toEqual([{ a: 1 }, { a: 2 }]);
  expect(one.sent).toEqual([{ b: 1 }]);
});

test('a side without room is waited for, and the order is kept', async () => {
  const [one, other] = bridged();
  other.free = Promise.withResolvers();
  one.say({ a: 1 });
  one.say({ a: 2 });
  await settleMicrotasks();
  expect(other.sent).toEqual([]);
  const { resolve } = other.free;
  other.free = undefined;
  resolve();
  await settleMicrotasks();
  expect(other.sent).toEqual([{ a: 1 }, { a: 2 }]);
});

test.each([0, 1])('when side %i ends, the other is ended', (which) => {
  const sides = bridged();
  sides[which]?.close();
  expect(sides.map(({ isClosed }) => isClosed)).toEqual([true, true]);
});

test('large messages that pile up end both long before their number does', () => {
  const [one, other] = bridged();
  other.free = Promise.withResolvers();
  const bytes = new Uint8Array(10_000_000);
  for (let at = 0; at < 6; at++) one.say({ type: 'items', id: at, items: [bytes] });
  expect(one.isClosed).toBe(false);
  one.say({ type: 'items', id: 7, items: [bytes] });
  expect([one.isClosed, other.isClosed]).toEqual([true, true]);
});

test('what piles up without a bound, or is no message, ends both', () => {
  const [one, other] = bridged();
  other.free = Promise.withResolvers();
  for (let at = 0; at <= 10_001; at++) one.say({ at });
  expect([one.isClosed, other.isClosed]).toEqual([true, true]);
  const [third] = bridged();
  third.say('text');
  expect(third.isClosed).toBe(true);
});
