import type { Clock } from '../time/clock.ts';

/** Everything a provider is opened with; layers, defaults and the environment are resolved before. */
export interface ProviderEndpoint {
  readonly name: string;
  /** The wire format: OpenAI-compatible chat completions, or Anthropic messages. */
  readonly protocol: 'openai' | 'anthropic';
  /** Address up to and without `/chat/completions` or `/messages`; an Anthropic one may also lack its `/v1`. */
  readonly baseUrl: string;
  readonly http: 'auto' | '1.1' | '2';
  /** PEM texts of additional certificate authorities. */
  readonly caPem?: readonly string[];
  /** Absolute paths of PEM files with additional certificate authorities; read when the provider is opened. */
  readonly caFiles?: readonly string[];
  /** Sent as a header, and nowhere else: it is in no message, detail or figure. */
  readonly key?: string | undefined;
  readonly contextTokens?: number | undefined;
  /** How long a stream may be silent, from its request on the wire to its end. */
  readonly stallMs: number;
  readonly connectTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxConcurrentStreams: number;
  readonly clock: Clock;
  /** Where proxy variables are read; the process's own environment when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Sends requests to this machine through the proxy too; they go direct unless told. */
  readonly proxyLoopback?: boolean;
}
