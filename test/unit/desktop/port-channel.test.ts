import { buffer } from 'node:stream/consumers';
import { MessageChannel } from 'node:worker_threads';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { PortChannel } from '../../../runtime/processes/launcher/port-channel.ts';

/** Two channels over the ports of threads, and how many bytes either has posted. */
function createChannels() {
  const { port1, port2 } = new MessageChannel();
  const posted = { here: 0 };
  const here = new PortChannel({
    post(message) {
      if (message instanceof Uint8Array) posted.here += message.byteLength;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
      port1.postMessage(message);
    },
    listen: (listener) => void port1.on('message', listener),
  });
  const there = new PortChannel({
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    post: (message) => port2.postMessage(message),
    listen: (listener) => void port2.on('message', listener),
  });
  return { here, there, posted, [Symbol.dispose]: () => port1.close() };
}

const WINDOW_BYTES = 64 * 1024;

test('bytes arrive in order and whole, both ways, and the end after the last', async () => {
  using channels = createChannels();
  const { here, there } = channels;
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
  const heard = buffer(there);
  for (let at = 0; at < sent.length; at += 7_919) here.write(sent.subarray(at, at + 7_919));
  here.end();
  expect((await heard).equals(sent)).toBe(true);
});

test('what nobody reads is not sent beyond the window, and goes on when it is read', async () => {
  using channels = createChannels();
  const { here, there, posted } = channels;
  const piece = Buffer.alloc(16 * 1024, 1);
  for (let count = 0; count < 40; count++) here.write(piece);
  // A word of the other way comes after everything that was under way.
  there.write('here');
  await once(here, 'data');
  const held = posted.here;
  expect(held).toBeLessThanOrEqual(2 * WINDOW_BYTES + piece.length);
  expect(held).toBeLessThan(40 * piece.length);
  const heard = buffer(there);
  here.end();
  expect(await heard).toHaveLength(40 * piece.length);
});

test('when the other process is gone, what has arrived is read and the channel ends', async () => {
  using channels = createChannels();
  const { here, there } = channels;
  here.write('last words');
  await once(there, 'readable');
  there.endByPeer();
  expect((await buffer(there)).toString()).toBe('last words');
});

test('a write that waits for a process that is gone does not wait for ever', async () => {
  using channels = createChannels();
  const { here } = channels;
  const written = new Promise((resolve) => here.write(Buffer.alloc(3 * WINDOW_BYTES), resolve));
  here.endByPeer();
  expect(await written).toBeFalsy();
});
