import type { Transport } from '../../shared/contract/transport.ts';
import { MAX_MESSAGE_BYTES } from '../../shared/contract/wire.ts';
import { approximateBytes } from './approximate-bytes.ts';

/**
 * Messages that may wait between two connections. A stream never has more under way than its reader gave credit for, so that
 * this is only reached by a peer that breaks the contract.
 */
const MAX_WAITING_MESSAGES = 10_000;

/** The same bound in bytes: a few of the largest messages, or some dozens of those that carry a table. */
const MAX_WAITING_BYTES = 4 * MAX_MESSAGE_BYTES;

/** Passes on every message in order, both ways, as each side has room, until either connection ends; then ends the other. */
export function bridgeTransports(one: Transport<object>, other: Transport<object>): void {
  const closeBoth = (): void => {
    one.close();
    other.close();
  };
  pump(one, other, closeBoth);
  pump(other, one, closeBoth);
  one.onEnd(() => other.close());
  other.onEnd(() => one.close());
}

function pump(from: Transport<object>, to: Transport<object>, giveUp: () => void): void {
  const waiting: { readonly message: object; readonly bytes: number }[] = [];
  let waitingBytes = 0;
  let isDraining = false;
  const drain = async (): Promise<void> => {
    isDraining = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await to.room();
      to.send(next.message);
      waitingBytes -= next.bytes;
    }
    isDraining = false;
  };
  from.onMessage((message) => {
    if (typeof message !== 'object' || message === null || waiting.length >= MAX_WAITING_MESSAGES) return giveUp();
    const bytes = approximateBytes(message);
    if (waitingBytes + bytes > MAX_WAITING_BYTES) return giveUp();
    waitingBytes += bytes;
    waiting.push({ message, bytes });
    if (!isDraining) void drain();
  });
}
