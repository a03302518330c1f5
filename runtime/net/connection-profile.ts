/** How one provider's connections are made. Everything is fixed when they are opened; a change opens the next edition. */
export interface ConnectionProfile {
  /** Only its origin is connected to. `http` or `https`. */
  readonly baseUrl: string;
  /** `auto` prefers HTTP/2 over TLS and takes HTTP/1.1 without; `2` without TLS is HTTP/2 with prior knowledge. */
  readonly http: 'auto' | '1.1' | '2';
  /** PEM texts trusted beside the certificates of Node and of the operating system. */
  readonly caPem?: readonly string[];
  /** Sockets open at the same time, 1 and more; with HTTP/2 the next is opened only when all streams of the others are used. */
  readonly maxConnections: number;
  /** Streams on one HTTP/2 connection, 1 and more; the server may allow fewer. */
  readonly maxConcurrentStreams: number;
  /** Limit on TCP and TLS set-up together. */
  readonly connectTimeoutMs: number;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY (or their lower-case forms) are read; the process's own when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Sends requests to this machine through the proxy too; they go direct unless told. */
  readonly proxyLoopback?: boolean;
}

/** Connections of one origin at one moment. */
export interface ConnectionStats {
  readonly connections: number;
  /** Since the connections were opened. */
  readonly connectionsOpened: number;
  /** Requests that are on the wire and not yet answered to the end. */
  readonly openStreams: number;
  /** Requests that wait for a connection or for a free stream. */
  readonly waiting: number;
  /** What the last connection agreed on; `undefined` before the first. */
  readonly protocol: 'h1' | 'h2' | undefined;
}
