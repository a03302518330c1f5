import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CHANNEL_FD } from './launcher-order.ts';
import { PortChannel } from './port-channel.ts';

/** What Electron gives a utility process instead of file descriptors. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** The launcher's way to main: the pipe it was started with, or the port of a utility process. */
export function openLauncherChannel(): Duplex {
  const { parentPort } = process as { readonly parentPort?: ParentPort };
  if (!parentPort) return new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
  return new PortChannel({
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    post: (message) => parentPort.postMessage(message),
    listen: (listener) => parentPort.on('message', ({ data }) => listener(data)),
  });
}
