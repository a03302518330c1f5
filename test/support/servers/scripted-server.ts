import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createH2c, createSecureServer, constants, type ServerHttp2Session } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { issueCertificate, LOOPBACK_ADDRESSES } from '../../../runtime/providers/simulator/issue-certificate.ts';

/** A request as it reached a scripted server. */
export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** The answer to one request, made by hand. */
export interface ScriptedAnswer {
  head(status: number, headers?: Readonly<Record<string, string>>): void;
  write(bytes: Uint8Array | string): void;
  end(bytes?: Uint8Array | string): void;
  /** Breaks it off: resets the stream, or closes the connection under HTTP/1.1. */
  break(): void;
  /** Resolves when the client went away before the end. */
  readonly abandoned: Promise<void>;
}

export interface ScriptedServerOptions {
  /** `h1` and `h2c` are plain, `https` speaks HTTP/1.1 only, `h2` both over TLS. */
  readonly kind: 'h1' | 'h2c' | 'https' | 'h2';
  readonly answer: (request: ScriptedRequest, answer: ScriptedAnswer) => void;
  /** Names and addresses in the certificate; `localhost` and `127.0.0.1` unless told. */
  readonly certificateFor?: string;
}

/** A real server on loopback that does exactly what a test says. */
export interface ScriptedServer extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  /** The certificate, which is its own authority; empty without TLS. */
  readonly caPem: string;
  readonly requests: readonly ScriptedRequest[];
  /** Connections since the start. */
  readonly connectionCount: number;
  /** Requests begun and not ended, and the most there were at one time. */
  readonly openCount: number;
  readonly peakOpenCount: number;
  /** Breaks off every answer that is open. */
  abandonAll(): void;
  /** Closes every connection at once, as a server that dies does. */
  dropConnections(): void;
  /** HTTP/2 only: says GOAWAY on every connection; what is open goes on. */
  goAway(): void;
}

/** Signed by itself, so that the server's own certificate is what a client has to trust. */
function createCertificate(name: string): Promise<{ key: string; cert: string }> {
  const dayMs = 24 * 60 * 60 * 1000;
  return issueCertificate({
    name,
    isAuthority: true,
    dnsNames: [name],
    addresses: name === 'localhost' ? LOOPBACK_ADDRESSES : [],
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
  });
}

async function readAll(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function toAnswer(response: ServerResponse): ScriptedAnswer {
  let ended = false;
  const abandoned = new Promise<void>((resolve) => {
    response.on('close', () => {
      if (!ended) resolve();
    });
  });
  return {
    head: (status, headers = {}) => {
      response.writeHead(status, headers);
      (response as { flushHeaders?: () => void }).flushHeaders?.();
    },
    write: (bytes) => void response.write(bytes),
    end: (bytes) => {
      ended = true;
      if (bytes === undefined) response.end();
      else response.end(bytes);
    },
    break: () => {
      const stream = (response as { stream?: { close(code: number): void } }).stream;
      if (stream === undefined) response.socket?.destroy();
      else stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    },
    abandoned,
  };
}

/** Opens a server on a free port of 127.0.0.1. */
export async function openScriptedServer(options: ScriptedServerOptions): Promise<ScriptedServer> {
  const tls = options.kind === 'h2' || options.kind === 'https';
  const certificate = tls ? await createCertificate(options.certificateFor ?? 'localhost') : { key: '', cert: '' };
  const requests: ScriptedRequest[] = [];
  const sockets = new Set<Socket>();
  const answers = new Set<ScriptedAnswer>();
  const sessions = new Set<ServerHttp2Session>();
  const count = { connections: 0, open: 0, peak: 0 };
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    count.peak = Math.max(count.peak, ++count.open);
    response.on('close', () => count.open--);
    response.on('error', () => {});
    request.on('error', () => {});
    try {
      const body = await readAll(request);
      const made = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
      requests.push(made);
      const answer = toAnswer(response);
      answers.add(answer);
      response.on('close', () => answers.delete(answer));
      options.answer(made, answer);
    } catch {
      // The client went away while it sent its request.
    }
  };
  const server = listen(options.kind, certificate, (request, response) => void listener(request, response));
  server.on('connection', (socket: Socket) => {
    count.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    caPem: certificate.cert,
    requests,
    get connectionCount() {
      return count.connections;
    },
    get openCount() {
      return count.open;
    },
    get peakOpenCount() {
      return count.peak;
    },
    abandonAll: () => {
      for (const answer of answers) answer.break();
    },
    dropConnections: () => {
      for (const socket of sockets) socket.destroy();
    },
    goAway: () => {
      for (const session of sessions) session.close();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listen(
  kind: ScriptedServerOptions['kind'],
  certificate: { key: string; cert: string },
  listener: RequestListener,
): Server {
  if (kind === 'h1') return createServer(listener);
  if (kind === 'https') return createHttps({ ...certificate, ALPNProtocols: ['http/1.1'] }, listener);
  const http2Listener = listener as unknown as Parameters<typeof createH2c>[1];
  const server =
    kind === 'h2c' ? createH2c(http2Listener) : createSecureServer({ ...certificate, allowHTTP1: true }, http2Listener);
  return server as unknown as Server;
}

/** Everything of an event stream at once. */
export function eventStreamHead(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { 'content-type': 'text/event-stream', ...extra };
}
