import { buildConnector, EnvHttpProxyAgent, Pool, type Dispatcher } from 'undici';
import { AppError } from '../../shared/errors/app-error.ts';
import { isLoopbackHost } from './address-class.ts';
import type { ConnectionProfile, ConnectionStats } from './connection-profile.ts';
import { toConnectionError } from './connection-failure.ts';
import { createTrust } from './trust.ts';
import { StreamCall, type OpenStream, type StreamReceiver, type StreamRequest } from './stream-call.ts';

/**
 * A cold connection that nobody uses is closed after this long: servers without TLS are local ones, which often close
 * after 5 s without saying so (uvicorn, Node), and a request sent into that moment is lost.
 */
const IDLE_PLAIN_MS = 4_000;
/** Load balancers in front of public servers keep idle connections for 60 s and more. */
const IDLE_TLS_MS = 45_000;

/** The connections to one origin: the only way from the runtime to a provider's socket. */
export interface Connections extends AsyncDisposable {
  /** `host` or `host:port`, for messages. */
  readonly host: string;
  /** Sends a request and hands its answer over piece by piece. Never throws; every failure reaches the receiver. */
  open(request: StreamRequest, receiver: StreamReceiver): OpenStream;
  stats(): ConnectionStats;
}

interface Tally {
  connections: number;
  connectionsOpened: number;
  openStreams: number;
  protocol: 'h1' | 'h2' | undefined;
}

/**
 * Opens the pool of one origin; the first request makes the first connection.
 *
 * Disposing of it waits for nothing: open streams fail with PROVIDER_STREAM_BROKEN.
 *
 * @throws {AppError} INPUT_INVALID when the address or a certificate of the profile cannot be read.
 */
export function openConnections(profile: ConnectionProfile): Connections {
  const url = parseAddress(profile.baseUrl);
  const tally: Tally = { connections: 0, connectionsOpened: 0, openStreams: 0, protocol: undefined };
  const pools: Pool[] = [];
  const dispatcher = openDispatcher(url, profile, (origin, options) => {
    const pool = new Pool(origin, { ...options, connect: countConnections(options.connect, tally) });
    pools.push(pool);
    return pool;
  });
  const toError = (error: unknown, connected: boolean): AppError => toConnectionError(error, url.host, connected);
  return {
    host: url.host,
    open: (request, receiver) => new StreamCall(dispatcher, url.origin, request, { receiver, tally, toError }),
    stats: () => ({ ...tally, waiting: pools.reduce((sum, pool) => sum + pool.stats.pending, 0) }),
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy();
    },
  };
}

function parseAddress(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new AppError('INPUT_INVALID', 'The address of a provider must begin with http:// or https://.');
}

type PoolOptions = Pool.Options & { readonly connect: buildConnector.connector };
type OpenPool = (origin: URL | string, options: PoolOptions) => Pool;

function openDispatcher(url: URL, profile: ConnectionProfile, openPool: OpenPool): Dispatcher {
  const secure = url.protocol === 'https:';
  const tls = secure ? { secureContext: readTrust(profile.caPem ?? []) } : {};
  const common = {
    connections: profile.maxConnections,
    allowH2: profile.http !== '1.1',
    ...(profile.http === '2' && !secure ? { useH2c: true } : {}),
    h2Options: { maxConcurrentStreams: profile.maxConcurrentStreams },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: secure ? IDLE_TLS_MS : IDLE_PLAIN_MS,
  };
  const proxies = findProxies(url, profile);
  if (proxies === undefined) {
    return openPool(url.origin, { ...common, connect: createConnect(profile, secure, tls) });
  }
  return new EnvHttpProxyAgent({
    ...common,
    ...proxies,
    connectTimeout: profile.connectTimeoutMs,
    requestTls: { ...tls, preferH2: true },
    proxyTls: { secureContext: readTrust(profile.caPem ?? []) },
    connect: createConnect(profile, secure, tls),
    factory: (origin, options) => openPool(origin, options as PoolOptions),
  });
}

function readTrust(caPem: readonly string[]): ReturnType<typeof createTrust> {
  try {
    return createTrust(caPem);
  } catch (error) {
    throw new AppError('INPUT_INVALID', 'The additional certificate authorities are not PEM certificates.', {
      cause: error,
    });
  }
}

function createConnect(profile: ConnectionProfile, secure: boolean, tls: object): buildConnector.connector {
  const connect = buildConnector({
    ...tls,
    allowH2: profile.http !== '1.1',
    preferH2: true,
    useH2c: profile.http === '2' && !secure,
    timeout: profile.connectTimeoutMs,
  } as buildConnector.BuildOptions);
  if (profile.http !== '2' || !secure) return connect;
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      if ((socket as { alpnProtocol?: unknown }).alpnProtocol === 'h2') return callback(null, socket);
      socket.destroy();
      const sentence = `${options.host ?? options.hostname} does not offer HTTP/2; set http to auto or 1.1.`;
      callback(new AppError('PROVIDER_UNREACHABLE', sentence), null);
    });
}

function findProxies(
  url: URL,
  profile: ConnectionProfile,
): { httpProxy: string; httpsProxy: string; noProxy: string } | undefined {
  if (profile.proxyLoopback !== true && isLoopbackHost(url.hostname)) return undefined;
  const environment = profile.environment ?? process.env;
  const httpProxy = environment['http_proxy'] || environment['HTTP_PROXY'] || '';
  const httpsProxy = environment['https_proxy'] || environment['HTTPS_PROXY'] || '';
  // Unlike undici, a proxy for http is not taken for https: curl, Python and Go do not either.
  if ((url.protocol === 'https:' ? httpsProxy : httpProxy) === '') return undefined;
  return { httpProxy, httpsProxy, noProxy: environment['no_proxy'] || environment['NO_PROXY'] || '' };
}

function countConnections(connect: buildConnector.connector, tally: Tally): buildConnector.connector {
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      tally.connections++;
      tally.connectionsOpened++;
      tally.protocol = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2' ? 'h2' : 'h1';
      socket.once('close', () => tally.connections--);
      callback(null, socket);
    });
}
