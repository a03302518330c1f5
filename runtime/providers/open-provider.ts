import { readFileSync } from 'node:fs';
import { AppError, isAppError } from '../../shared/errors/app-error.ts';
import { openConnections, type Connections } from '../net/connections.ts';
import type { ResponseHeaders } from '../net/stream-call.ts';
import { SampleRing } from '../telemetry/sample-ring.ts';
import { createAnthropicFormat } from './wire/anthropic-format.ts';
import { Exchange, type ExchangeContext } from './exchange.ts';
import { createOpenAiFormat } from './wire/openai-format.ts';
import type { AskOptions, ModelReply, ModelRequest, Provider, ProviderStats } from './provider.ts';
import type { ProviderEndpoint } from './provider-endpoint.ts';
import { parseLimits } from './rate-headers.ts';

/** What the headers of HTTP may carry as a value: visible ASCII. */
const HEADER_VALUE = /^[\x21-\x7e]+$/;

/**
 * Opens a provider; nothing is sent before the first `ask`. Whoever opens it disposes of it, which breaks what is open.
 *
 * @throws {AppError} INPUT_INVALID for an address or certificate that cannot be read, FILE_NOT_FOUND for a CA file,
 * PROVIDER_AUTH_REFUSED for a key that no header can carry.
 */
export function openProvider(endpoint: ProviderEndpoint): Provider {
  if (endpoint.key !== undefined && !HEADER_VALUE.test(endpoint.key)) {
    throw new AppError(
      'PROVIDER_AUTH_REFUSED',
      `The key of ${endpoint.name} holds spaces, line ends or other characters that a key cannot have; copy it again.`,
    );
  }
  const caPem = [...(endpoint.caPem ?? []), ...(endpoint.caFiles ?? []).map(readCaFile)];
  return new PooledProvider(endpoint, openConnections({ ...endpoint, caPem }));
}

function readCaFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('FILE_NOT_FOUND', `The certificate file ${path} cannot be read; correct caFile.`, {
      cause: error,
    });
  }
}

class PooledProvider implements Provider {
  readonly name: string;
  readonly contextTokens: number | undefined;
  readonly #connections: Connections;
  readonly #format: ReturnType<typeof createOpenAiFormat>;
  readonly #headers: string[];
  readonly #context: ExchangeContext;
  readonly #firstTokens = new SampleRing();
  #requests = 0;
  #failures = 0;
  #rateLimited = 0;
  #lastHeaders: { readonly headers: ResponseHeaders; readonly atMs: number } | undefined;

  constructor(endpoint: ProviderEndpoint, connections: Connections) {
    const baseUrl = new URL(endpoint.baseUrl);
    this.name = endpoint.name;
    this.contextTokens = endpoint.contextTokens;
    this.#connections = connections;
    this.#format = endpoint.protocol === 'openai' ? createOpenAiFormat(baseUrl) : createAnthropicFormat(baseUrl);
    this.#headers = [
      'content-type',
      'application/json',
      'accept',
      'text/event-stream',
      ...this.#format.toHeaders(endpoint.key),
    ];
    this.#context = {
      who: `${endpoint.name} at ${connections.host}`,
      key: endpoint.key,
      clock: endpoint.clock,
      stallMs: endpoint.stallMs,
      noteHeaders: (headers) => (this.#lastHeaders = { headers, atMs: endpoint.clock.nowMs() }),
    };
  }

  async ask(request: ModelRequest, options: AskOptions): Promise<ModelReply> {
    options.signal.throwIfAborted();
    this.#requests++;
    try {
      const reply = await this.#exchange(request, options);
      this.#firstTokens.record(reply.firstTokenMs);
      return reply;
    } catch (error) {
      if (!options.signal.aborted) this.#failures++;
      if (isAppError(error, 'PROVIDER_RATE_LIMITED')) this.#rateLimited++;
      throw error;
    }
  }

  stats(): ProviderStats {
    const { connections, connectionsOpened, openStreams } = this.#connections.stats();
    const limits = this.#lastHeaders && parseLimits(this.#lastHeaders.headers, this.#lastHeaders.atMs);
    const [firstTokenP50Ms, firstTokenP99Ms] = this.#firstTokens.percentiles(0.5, 0.99) ?? [];
    return {
      name: this.name,
      requests: this.#requests,
      failures: this.#failures,
      rateLimited: this.#rateLimited,
      openStreams,
      connections,
      connectionsOpened,
      firstTokenP50Ms,
      firstTokenP99Ms,
      ...(limits === undefined ? {} : { limits }),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#connections[Symbol.asyncDispose]());
  }

  #exchange(request: ModelRequest, options: AskOptions): Promise<ModelReply> {
    const body = this.#format.toBody(request);
    return new Promise((resolve, reject) => {
      const reader = this.#format.createReader(options.onText);
      const exchange = new Exchange(this.#context, reader, options, { resolve, reject });
      exchange.start((receiver) =>
        this.#connections.open({ method: 'POST', path: this.#format.path, headers: this.#headers, body }, receiver),
      );
    });
  }
}
