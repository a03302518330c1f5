import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';

/** One request and its answer, whichever version of HTTP carries them. */
export interface Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  header(name: string): string | undefined;
  /**
   * The whole body, decoded; `undefined` when it is larger than `maxBytes`.
   * Rejects when the client goes away before its end.
   */
  body(maxBytes: number): Promise<string | undefined>;
  respond(status: number, headers: Readonly<Record<string, string>>): void;
  write(text: string): void;
  end(text: string): void;
  /** Breaks off: resets the stream (HTTP/2) or the connection (HTTP/1.1). */
  abort(): void;
  /** Whether the client can no longer be answered. */
  readonly closed: boolean;
}

type Incoming = IncomingMessage | ServerHttp2Stream;

function collect(incoming: Incoming, maxBytes: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= maxBytes) pieces.push(piece);
      else resolve(undefined);
    });
    // Every exchange closes; only one that does so too early is worth an error and its stack.
    const onClose = (): void => reject(new Error('The client went away.'));
    incoming.once('close', onClose);
    incoming.once('end', () => {
      incoming.off('close', onClose);
      resolve(Buffer.concat(pieces).toString('utf8'));
    });
  });
}

function withoutQuery(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** An HTTP/2 stream as an exchange, without Node's compatibility layer, which doubles its cost. */
export function fromHttp2(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Exchange {
  // A reset by the client arrives as an error; `closed` says all that is needed of it.
  stream.on('error', () => {});
  return {
    method: headerOf(headers, ':method') ?? 'GET',
    path: withoutQuery(headerOf(headers, ':path') ?? '/'),
    header: (name) => headerOf(headers, name),
    body: (maxBytes) => collect(stream, maxBytes),
    respond: (status, answer) => {
      if (!stream.destroyed && !stream.closed) stream.respond({ ':status': status, ...answer });
    },
    write: (text) => void (stream.writable && stream.write(text)),
    end: (text) => void (stream.writable && stream.end(text)),
    abort: () => {
      // `close` would end the stream first, which a client takes for a whole answer.
      stream.destroy(new Error('broken off'));
    },
    get closed() {
      return stream.destroyed || stream.closed;
    },
  };
}

/** An HTTP/1.1 request and its response as an exchange. */
export function fromHttp1(request: IncomingMessage, response: ServerResponse): Exchange {
  request.on('error', () => {});
  response.on('error', () => {});
  return {
    method: request.method ?? 'GET',
    path: withoutQuery(request.url ?? '/'),
    header: (name) => headerOf(request.headers, name),
    body: (maxBytes) => collect(request, maxBytes),
    respond: (status, answer) => void (response.headersSent || response.writeHead(status, answer)),
    write: (text) => void (response.writable && response.write(text)),
    end: (text) => void (response.writable && response.end(text)),
    abort: () => void request.socket.destroy(),
    get closed() {
      return response.destroyed || request.socket.destroyed;
    },
  };
}
