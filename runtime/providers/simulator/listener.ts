import { createServer as createHttp1Server } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fromHttp1, fromHttp2, type Exchange } from './exchange.ts';

/** A listening HTTPS server; disposing of it breaks every connection. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
}

/** What a listener needs. */
export interface ListenerOptions {
  readonly port: number;
  readonly http1: boolean;
  readonly key: string;
  readonly cert: string;
  readonly onExchange: (exchange: Exchange) => void;
}

/** So that a large conversation arrives without waiting for window updates. */
const WINDOW_BYTES = 1 << 20;
/** Node breaks an HTTP/2 session that resets more; a load test that cancels is no attack. */
const MAX_RESETS = 1_000_000;
/** Megabytes an HTTP/2 session may hold; Node's 10 refuse streams at some thousands. */
const SESSION_MEMORY_MB = 512;
/** Load labs open all their connections at once. */
const BACKLOG = 4096;

/**
 * Listens on 127.0.0.1 with TLS, HTTP/2 and HTTP/1.1 on one port by the client's choice (ALPN).
 *
 * @throws {AppError} PORT_IN_USE, INPUT_INVALID (a port that this user may not open)
 */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const http1 = createHttp1Server((request, response) => options.onExchange(fromHttp1(request, response)));
  // An idle connection of a pool is kept until its client closes it.
  http1.keepAliveTimeout = 0;
  http1.requestTimeout = 0;
  const http2 = createHttp2Server({
    settings: { initialWindowSize: WINDOW_BYTES },
    maxSessionMemory: SESSION_MEMORY_MB,
    streamResetBurst: MAX_RESETS,
    streamResetRate: MAX_RESETS,
  });
  http2.on('session', (session) => {
    session.setLocalWindowSize?.(WINDOW_BYTES * 16);
    session.on('error', () => {});
  });
  http2.on('stream', (stream, headers) => options.onExchange(fromHttp2(stream, headers)));

  const sockets = new Set<TLSSocket>();
  const secure = createTlsServer({
    key: options.key,
    cert: options.cert,
    ALPNProtocols: options.http1 ? ['http/1.1'] : ['h2', 'http/1.1'],
    noDelay: true,
  });
  secure.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    (socket.alpnProtocol === 'h2' ? http2 : http1).emit('connection', socket);
  });
  await listen(secure, options.port);
  const address = secure.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => secure.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
      http1.close();
      http2.close();
    },
  };
}

function listen(server: ReturnType<typeof createTlsServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EACCES') {
        const message = `Port ${port} may not be opened by this user; choose one from 1024 up, or --port 0 for a free one.`;
        return reject(new AppError('INPUT_INVALID', message, { cause }));
      }
      if (cause.code !== 'EADDRINUSE') return reject(cause);
      const message = `Port ${port} is in use by another program; choose another with --port, or --port 0 for a free one.`;
      reject(new AppError('PORT_IN_USE', message, { cause }));
    });
    server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, resolve);
  });
}
