import type { Transport } from '../../shared/contract/transport.ts';
import { PORT, WANT_PORT } from '../../shared/contract/window-port.ts';
import type { ClientMessage } from '../../shared/contract/wire.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { PageTransport } from './page-transport.ts';
import { overPort } from './over-port.ts';
import { after } from './timers.ts';

/** A host that does not answer for this long is tried anew. */
const OPEN_MS = 5_000;

/** Bytes that may wait in a socket before more is held back. */
const MAX_BUFFERED_BYTES = 1_000_000;
const ROOM_LOOK_MS = 20;

/**
 * A connection to the host this page came from: a WebSocket where it was served over HTTP, else the one port that the desktop's
 * preload script hands over.
 *
 * @throws {AppError} INSTANCE_UNREACHABLE
 */
export function openTransport(): Promise<Transport<ClientMessage>> {
  return location.protocol === 'http:' ? openSocket(new URL('rpc', location.href)) : openPort();
}

function openSocket(address: URL): Promise<Transport<ClientMessage>> {
  address.protocol = 'ws:';
  address.hash = '';
  const { promise, resolve, reject } = Promise.withResolvers<Transport<ClientMessage>>();
  const socket = new WebSocket(address);
  socket.binaryType = 'arraybuffer';
  const transport = new PageTransport<ClientMessage>({
    post: (message) => socket.send(JSON.stringify(message)),
    room: () => (socket.bufferedAmount > MAX_BUFFERED_BYTES ? roomOf(socket) : undefined),
    close: () => socket.close(),
  });
  const timer = after(OPEN_MS, () => socket.close());
  let wasOpen = false;
  socket.addEventListener('message', ({ data }) => transport.receive(data));
  socket.addEventListener('open', () => {
    wasOpen = true;
    timer[Symbol.dispose]();
    resolve(transport);
  });
  socket.addEventListener('close', () => {
    timer[Symbol.dispose]();
    const gone = new AppError('INSTANCE_UNREACHABLE', 'The connection to Flotilla was lost.');
    transport.finish(gone);
    if (!wasOpen) void explainRefusal(address).then((reason) => reject(reason ?? gone));
  });
  return promise;
}

/**
 * Why a socket did not open, where the host says so: a page whose session is over is answered 401, which a socket's own
 * error does not tell.
 */
async function explainRefusal(address: URL): Promise<AppError | undefined> {
  try {
    const signal = AbortSignal.timeout(OPEN_MS);
    const page = new URL('.', address.href.replace(/^ws/u, 'http'));
    const { status } = await fetch(page, { method: 'HEAD', cache: 'no-store', signal });
    if (status !== 401) return undefined;
    const details = { isSessionOver: true };
    return new AppError('INSTANCE_UNREACHABLE', 'The session of this page is over; it needs a new address.', {
      details,
    });
  } catch {
    return undefined;
  }
}

async function roomOf(socket: WebSocket): Promise<void> {
  while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > MAX_BUFFERED_BYTES) {
    await new Promise<void>((resolve) => {
      after(ROOM_LOOK_MS, resolve);
    });
  }
}

function openPort(): Promise<Transport<ClientMessage>> {
  const { promise, resolve, reject } = Promise.withResolvers<Transport<ClientMessage>>();
  const onMessage = (event: MessageEvent): void => {
    const [port] = event.ports;
    if (event.source !== window || event.data !== PORT || !port) return;
    window.removeEventListener('message', onMessage);
    timer[Symbol.dispose]();
    resolve(overPort(port));
  };
  const timer = after(OPEN_MS, () => {
    window.removeEventListener('message', onMessage);
    reject(new AppError('INSTANCE_UNREACHABLE', 'The program behind this window does not answer.'));
  });
  window.addEventListener('message', onMessage);
  window.postMessage(WANT_PORT, location.origin);
  return promise;
}
