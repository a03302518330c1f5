/** What a host of the page bears at once; the rest is turned away. A page needs six connections to load and one to live. */
export interface PageLimits {
  /** Connections at the same time, WebSockets among them. */
  readonly maxConnections: number;
  /** New connections; a tenth of it may come at once after a quiet time. */
  readonly connectionsPerMin: number;
  /** WebSockets of one browser that was let in. */
  readonly maxSocketsPerSession: number;
  /** WebSockets of all; the contract's server serves 64 sessions, those of the command line among them. */
  readonly maxSockets: number;
  /** For the whole head of a request; a browser adds the cookies of all local programs, up to 4 KiB each. */
  readonly maxHeaderBytes: number;
  /** From a connection's beginning, or a request's, to the end of its head; a request has nothing else. */
  readonly headMs: number;
  /** A connection that asks for nothing more, or does not read its answer, is ended. */
  readonly idleMs: number;
  /** How often connections are checked for both, which is how late they may be. */
  readonly checkMs: number;
  /** Between two pings; a page that has missed two is gone. */
  readonly pingMs: number;
}

export const PAGE_LIMITS: PageLimits = {
  maxConnections: 96,
  connectionsPerMin: 3_000,
  maxSocketsPerSession: 12,
  maxSockets: 32,
  maxHeaderBytes: 65_536,
  headMs: 5_000,
  idleMs: 10_000,
  checkMs: 1_000,
  pingMs: 15_000,
};
