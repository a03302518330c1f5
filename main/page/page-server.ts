import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { openTokenBucket } from '../../runtime/admission/token-bucket.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import type { Farewell } from '../../shared/contract/farewell.ts';
import type { Transport } from '../../shared/contract/transport.ts';
import type { ServerMessage } from '../../shared/contract/wire.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { PageAccess } from './page-access.ts';
import { answerRequest, type PageAnswers } from './page-answers.ts';
import { findSecrets } from './page-cookie.ts';
import { PAGE_LIMITS, type PageLimits } from './page-limits.ts';
import { openPageSockets } from './page-sockets.ts';
import { findUpgradeFault, ownHosts, type Refusal } from './request-guard.ts';
import type { Screens } from './screens.ts';

/** What a host of the page is made from. */
export interface PageServerOptions {
  readonly screens: Screens;
  /** On loopback; 0 for any free one. */
  readonly port: number;
  readonly clock: Clock;
  /** A page that was let in has connected. */
  readonly onConnection: (transport: Transport<ServerMessage>) => void;
  readonly limits?: Partial<PageLimits>;
}

/** The screens on loopback. Disposing of it ends every connection. */
export interface PageServer extends AsyncDisposable {
  readonly port: number;
  /** An address that lets one browser in, once. */
  createUrl(): string;
  /** Tells every page that is open what becomes of the runs; to be disposed of at once after it. */
  sayFarewell(farewell: Farewell): void;
}

/** Only this machine reaches it. */
const LOOPBACK = '127.0.0.1';

/** Connections that wait to be accepted. */
const BACKLOG = 64;

/** Requests that one connection may make; a page makes a few dozen. */
const MAX_REQUESTS_PER_CONNECTION = 1_000;

/**
 * Serves the screens and the contract's WebSocket, at `rpc` below a path of its own, to browsers on this machine that were let in by a one-time address.
 *
 * @throws {AppError} PORT_IN_USE, INPUT_INVALID (a port that this user may not open)
 */
export async function openPageServer(options: PageServerOptions): Promise<PageServer> {
  const limits = { ...PAGE_LIMITS, ...options.limits };
  const { screens, clock } = options;
  const access = new PageAccess(clock);
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headMs,
    requestTimeout: limits.headMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: limits.checkMs,
    insecureHTTPParser: false,
  });
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  server.maxConnections = limits.maxConnections;
  // Also of an answer that nobody reads; a WebSocket takes the limit off.
  server.timeout = limits.idleMs;
  limitRate(server, limits, clock);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseBroken(error.code, socket as Socket));
  const port = await listen(server, options.port);
  const hosts = ownHosts(port);
  const answers: PageAnswers = { screens, access, hosts, port };
  const sockets = openPageSockets({ limits, clock, onConnection: options.onConnection });
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    answerRequest(request, response, answers),
  );
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const session = access.findSession(findSecrets(port, request.headers.cookie));
    const refusal =
      findUpgradeFault(request, hosts, access.base) ?? (session ? sockets.findFault(session) : NOT_LET_IN);
    if (refusal || !session) refuseRaw(socket, refusal ?? NOT_LET_IN);
    else sockets.accept(session, { request, socket, head });
  });
  return {
    port,
    createUrl: () => `http://${LOOPBACK}:${port}/?token=${access.createToken()}`,
    sayFarewell: (farewell) => sockets.sayFarewell(farewell),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await sockets[Symbol.asyncDispose]();
      server.closeAllConnections();
      await closed;
    },
  };
}

const MALFORMED: Refusal = { status: 400, sentence: 'This is not a request.' };
const TOO_MUCH: Refusal = {
  status: 431,
  sentence: 'This browser sends too many cookies of 127.0.0.1 along; delete those of other local programs.',
};
const TOO_SLOW: Refusal = { status: 408, sentence: 'This request took too long to arrive; load the page again.' };
const NOT_LET_IN: Refusal = { status: 401, sentence: 'This browser was not let in.' };

/** A connection beyond the rate is cut off without an answer, which costs nothing. */
function limitRate(server: Server, { connectionsPerMin }: PageLimits, clock: Clock): void {
  const bucket = openTokenBucket({ requestsPerMin: connectionsPerMin, clock });
  server.prependListener('connection', (socket: Socket) => {
    if (bucket.take(0) > 0) socket.destroy();
  });
}

/** Answers what is no request, or did not come to its end. */
function refuseBroken(code: string | undefined, socket: Socket): void {
  const isLate = code === 'ERR_HTTP_REQUEST_TIMEOUT';
  // A browser connects ahead of what it will ask, and takes whatever it finds there then for the answer.
  if (isLate && socket.bytesRead === 0) socket.destroy();
  else refuseRaw(socket, isLate ? TOO_SLOW : code === 'HPE_HEADER_OVERFLOW' ? TOO_MUCH : MALFORMED);
}

/** An answer where there is no response to write it into. */
function refuseRaw(socket: Socket, { status, sentence }: Refusal): void {
  socket.on('error', () => undefined);
  if (!socket.writable) return void socket.destroy();
  const body = `${sentence}\n`;
  const head = [
    `HTTP/1.1 ${status} Refused`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const way = 'choose another with --port, or --port 0 for a free one.';
      if (cause.code === 'EADDRINUSE') {
        return reject(new AppError('PORT_IN_USE', `Port ${port} is in use by another program; ${way}`, { cause }));
      }
      if (cause.code !== 'EACCES') return reject(cause);
      reject(new AppError('INPUT_INVALID', `Port ${port} may not be opened by this user; ${way}`, { cause }));
    });
    // Once it listens, what the system says (no more file handles) concerns one connection, and must not end the program.
    server.on('error', () => undefined);
    server.listen({ port, host: LOOPBACK, backlog: BACKLOG, exclusive: true }, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}
