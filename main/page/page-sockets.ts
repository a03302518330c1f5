import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../../runtime/time/clock.ts';
import { type Farewell, toFarewellError } from '../../shared/contract/farewell.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import { MAX_MESSAGE_BYTES, type ServerMessage } from '../../shared/contract/wire.ts';
import { WebSocketTransport } from '../rpc/web-socket-transport.ts';
import type { PageSession } from './page-access.ts';
import type { PageLimits } from './page-limits.ts';
import type { Refusal } from './request-guard.ts';

/** A request to become a WebSocket. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
}

/** The WebSockets of the page's host. Disposing of it ends them. */
interface PageSockets extends AsyncDisposable {
  /** Why this session may not have one more. */
  findFault(session: PageSession): Refusal | undefined;
  accept(session: PageSession, upgrade: Upgrade): void;
  /** Tells every page what becomes of the runs; they take nothing after it. */
  sayFarewell(farewell: Farewell): void;
}

/** How long a page may take to say goodbye when the host ends. */
const GOODBYE_MS = 500;

/** Two pings may stay without an answer: a page that sleeps, as a laptop does, is gone. */
const MAX_MISSED_PINGS = 2;

/** RFC 6455: the host is going away, so that the page knows to wait for it. */
const GOING_AWAY = 1001;

/** Opens nothing by itself: WebSockets come from requests that were checked. */
export function openPageSockets(options: {
  readonly limits: PageLimits;
  readonly clock: Clock;
  readonly onConnection: (transport: Transport<ServerMessage>) => void;
}): PageSockets {
  const { limits, clock, onConnection } = options;
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  const transports = new Map<WebSocket, Transport<ServerMessage>>();
  // A handshake that the library refuses was answered by it.
  server.on('wsClientError', (_error, socket) => void socket.destroy());
  return {
    findFault(session) {
      if (session.socketCount >= limits.maxSocketsPerSession) {
        return { status: 429, sentence: 'This browser has too many windows open here; close one.' };
      }
      return server.clients.size < limits.maxSockets
        ? undefined
        : { status: 503, sentence: 'Too many windows are open here; close one.' };
    },
    accept(session, { request, socket, head }) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        session.socketCount++;
        const transport = new WebSocketTransport<ServerMessage>(webSocket);
        transports.set(webSocket, transport);
        webSocket.once('close', () => {
          session.socketCount--;
          transports.delete(webSocket);
        });
        watchLife(webSocket, clock, limits.pingMs);
        onConnection(transport);
      });
    },
    sayFarewell(farewell) {
      const error = toFarewellError(farewell).toData();
      for (const transport of transports.values()) transport.send({ type: 'error', id: 0, error });
    },
    async [Symbol.asyncDispose]() {
      const ends = [...server.clients].map((client) => new Promise<void>((resolve) => client.once('close', resolve)));
      for (const client of server.clients) client.close(GOING_AWAY);
      using _timer = clock.after(GOODBYE_MS, () => {
        for (const client of server.clients) client.terminate();
      });
      await Promise.all(ends);
      server.close();
    },
  };
}

function watchLife(socket: WebSocket, clock: Clock, pingMs: number): void {
  let missed = 0;
  let timer = clock.after(pingMs, beat);
  function beat(): void {
    if (missed++ >= MAX_MISSED_PINGS) return socket.terminate();
    socket.ping();
    timer = clock.after(pingMs, beat);
  }
  socket.on('pong', () => (missed = 0));
  socket.once('close', () => timer[Symbol.dispose]());
}
