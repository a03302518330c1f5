import { Agent } from 'undici';
import { AppError, isAppError } from '../../shared/errors/app-error.ts';
import { classifyFailure } from './connection-failure.ts';
import { createGuardedConnect, type GuardedConnectOptions } from './guarded-connect.ts';
import type { ResponseHeaders } from './stream-call.ts';

/** One request of a tool. */
export interface GuardedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request; it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Bytes of the body that are read; the rest is left unread. */
  readonly maxBytes: number;
}

/** An answer, read to its end or to `maxBytes`. */
interface GuardedAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Where it came from, after redirects. */
  readonly url: string;
  readonly body: Buffer;
  /** Whether the body went on after `maxBytes`. */
  readonly cut: boolean;
}

/** How a guarded client connects. */
export interface GuardedClientOptions extends Omit<GuardedConnectOptions, 'connectTimeoutMs'> {
  /** Limit on TCP and TLS set-up together; 10 s unless told. */
  readonly connectTimeoutMs?: number;
  /** Sockets to one origin at the same time; 8 unless told. */
  readonly maxConnections?: number;
}

/** HTTP for tools: it reaches only the addresses it may. */
export interface GuardedClient extends AsyncDisposable {
  /**
   * Sends one request and reads its answer; up to 5 redirects are followed, each judged like the first request, and
   * credentials do not follow to another origin. A status of 400 and more is an answer, not a failure.
   *
   * @throws {AppError} ADDRESS_REFUSED for a scheme or address that is not allowed, INPUT_INVALID for an address that
   * cannot be read, TOOL_FAILED when no answer came.
   */
  request(request: GuardedRequest): Promise<GuardedAnswer>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CONNECTIONS_PER_ORIGIN = 8;
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);
const USER_AGENT = 'flotilla';

/**
 * Opens a client for tools. It connects directly, never through a proxy, which would hide the address that is reached.
 *
 * Whoever opens it disposes of it, which ends what is under way.
 */
export function openGuardedClient(options: GuardedClientOptions): GuardedClient {
  const agent = new Agent({
    connect: createGuardedConnect({ connectTimeoutMs: CONNECT_TIMEOUT_MS, ...options }),
    connections: options.maxConnections ?? CONNECTIONS_PER_ORIGIN,
  });
  return {
    request: (request) => follow(agent, request),
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

async function follow(agent: Agent, request: GuardedRequest): Promise<GuardedAnswer> {
  let current = request;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const url = parseUrl(current.url);
    const answer = await exchange(agent, current, url);
    const location = answer.headers['location'];
    if (!REDIRECTS.has(answer.status) || typeof location !== 'string') return answer;
    current = toRedirected(current, url, location, answer.status);
  }
  throw new AppError('TOOL_FAILED', `${request.url} redirects more than ${MAX_REDIRECTS} times.`);
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new AppError('INPUT_INVALID', `${text} is not an address; write it with https://.`);
  const url = new URL(text);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new AppError('ADDRESS_REFUSED', `The scheme ${url.protocol} is not allowed; only http and https are.`);
}

async function exchange(agent: Agent, request: GuardedRequest, url: URL): Promise<GuardedAnswer> {
  request.signal.throwIfAborted();
  try {
    const { statusCode, headers, body } = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      headers: toHeaders(request, url),
      body: request.body ?? null,
      signal: request.signal,
    });
    const read = await readBody(body, request.maxBytes);
    return { status: statusCode, headers, url: url.href, ...read };
  } catch (error) {
    throw toFailure(error, request, url);
  }
}

function toHeaders(request: GuardedRequest, url: URL): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': USER_AGENT, accept: '*/*' };
  if (url.username !== '') {
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(user).toString('base64')}`;
  }
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
  // Undici hands the bytes over as they came; compressed ones would not be text.
  headers['accept-encoding'] = 'identity';
  return headers;
}

async function readBody(body: AsyncIterable<Buffer>, maxBytes: number): Promise<{ body: Buffer; cut: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early destroys the stream, and with it the rest of the answer.
  for await (const chunk of body) {
    if (bytes + chunk.length > maxBytes) {
      chunks.push(chunk.subarray(0, maxBytes - bytes));
      return { body: Buffer.concat(chunks), cut: true };
    }
    chunks.push(chunk);
    bytes += chunk.length;
  }
  return { body: Buffer.concat(chunks), cut: false };
}

function toFailure(error: unknown, request: GuardedRequest, url: URL): unknown {
  if (request.signal.aborted) return request.signal.reason;
  if (isAppError(error)) return error;
  const code = (error as { code?: unknown }).code;
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    const reason = error instanceof Error ? error.message : String(error);
    return new AppError('INPUT_INVALID', `The request to ${url.host} cannot be sent: ${reason}.`, { cause: error });
  }
  return new AppError('TOOL_FAILED', classifyFailure(error, url.host, code === 'UND_ERR_SOCKET').sentence, {
    cause: error,
  });
}

/** The next request (RFC 9110, 15.4): 303 always asks with GET, 301 and 302 turn POST into GET as every browser does. */
function toRedirected(request: GuardedRequest, from: URL, location: string, status: number): GuardedRequest {
  if (!URL.canParse(location, from.href)) {
    throw new AppError('TOOL_FAILED', `${from.host} redirects to something that is not an address.`);
  }
  const to = new URL(location, from);
  const asGet = status === 303 ? request.method !== 'HEAD' : request.method === 'POST' && status < 303;
  const kept = Object.entries(request.headers ?? {}).filter(([name]) => {
    const lower = name.toLowerCase();
    if (asGet && lower.startsWith('content-')) return false;
    return to.origin === from.origin || !CREDENTIALS.has(lower);
  });
  const { body: _body, ...rest } = request;
  const next = { ...rest, url: to.href, headers: Object.fromEntries(kept) };
  return asGet
    ? { ...next, method: 'GET' }
    : { ...next, ...(request.body === undefined ? {} : { body: request.body }) };
}
