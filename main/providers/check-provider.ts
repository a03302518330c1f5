import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { openConnections } from '../../runtime/net/connections.ts';
import type { ResponseHeaders, StreamReceiver } from '../../runtime/net/stream-call.ts';
import type { ProviderEndpoint } from '../../runtime/providers/provider-endpoint.ts';
import { toRefusal } from '../../runtime/providers/refusal.ts';
import { createAnthropicFormat } from '../../runtime/providers/wire/anthropic-format.ts';
import { createOpenAiFormat } from '../../runtime/providers/wire/openai-format.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { isKeyText } from './provider-keys.ts';

/** A list of models comes in a moment or not at all; below the deadline of the contract's entry. */
const LIMIT_MS = 15_000;

/** OpenRouter's list, the longest known, is about 1 MB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Names handed on. */
const MAX_MODELS = 1_000;

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });

/** What a provider answered. */
export interface ProviderCheck {
  readonly ms: number;
  /** Its models, sorted; at most 1,000. */
  readonly models: string[];
  readonly message: string;
}

/** What the check needs of an endpoint. */
export type CheckedEndpoint = Omit<ProviderEndpoint, 'stallMs'>;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks a provider for its models, once, over connections of its own: what it says of address, network and key is what a run
 * would meet.
 *
 * @throws {AppError} PROVIDER_UNREACHABLE, PROVIDER_CERTIFICATE_REFUSED, PROVIDER_AUTH_REFUSED, PROVIDER_REFUSED,
 * PROVIDER_RATE_LIMITED, PROVIDER_OVERLOADED, PROVIDER_PROTOCOL; the key is in no message. A cancellation rejects with the
 * signal's reason.
 */
export async function checkProvider(endpoint: CheckedEndpoint, signal: AbortSignal): Promise<ProviderCheck> {
  const { clock, name, key } = endpoint;
  if (key !== undefined && !isKeyText(key)) throw toUnusable(name);
  const caPem = await Promise.all((endpoint.caFiles ?? []).map((path) => readFile(path, 'utf8')));
  signal.throwIfAborted();
  await using connections = openConnections({ ...endpoint, caPem, maxConnections: 1 });
  const who = `${name} at ${connections.host}`;
  const startMs = clock.monoMs();
  const answered = Promise.withResolvers<Answer>();
  const call = connections.open({ method: 'GET', ...toRequest(endpoint) }, collect(who, answered));
  const stop = (reason: unknown): void => {
    call.cancel();
    answered.reject(reason);
  };
  const onAbort = (): void => stop(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  using _limit = clock.after(LIMIT_MS, () => stop(toSilence(who)));
  try {
    const { status, body } = await answered.promise;
    if (status >= 300) throw toRefusal(status, body, {}, { who, key });
    const models = parseModels(body, who);
    const ms = clock.monoMs() - startMs;
    return { ms, models, message: toMessage(who, models.length, ms) };
  } finally {
    signal.removeEventListener('abort', onAbort);
    call.cancel();
  }
}

function toRequest({ protocol, baseUrl, key }: CheckedEndpoint): { path: string; headers: string[] } {
  const url = new URL(baseUrl);
  const format = protocol === 'openai' ? createOpenAiFormat(url) : createAnthropicFormat(url);
  const path = format.path.replace(/\/(chat\/completions|messages)(\?|$)/, '/models$2');
  // Anthropic's list has 20 of its models on a page unless told.
  const query = protocol === 'anthropic' ? `${path.includes('?') ? '&' : '?'}limit=1000` : '';
  return { path: `${path}${query}`, headers: ['accept', 'application/json', ...format.toHeaders(key)] };
}

function collect(who: string, answered: PromiseWithResolvers<Answer>): StreamReceiver {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let status = 0;
  return {
    onSent: () => undefined,
    onHead: (code: number, _headers: ResponseHeaders) => void (status = code),
    onData(chunk) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) answered.reject(toNoList(who));
      else chunks.push(Buffer.from(chunk));
    },
    onEnd: () => answered.resolve({ status, body: Buffer.concat(chunks).toString('utf8') }),
    onFailure(error) {
      const isBroken = error.code === 'PROVIDER_STREAM_BROKEN';
      answered.reject(isBroken ? new AppError('PROVIDER_UNREACHABLE', error.message, { cause: error }) : error);
    },
  };
}

function parseModels(body: string, who: string): string[] {
  try {
    const { data } = modelList.parse(JSON.parse(body));
    return data
      .map(({ id }) => id.slice(0, 200))
      .toSorted()
      .slice(0, MAX_MODELS);
  } catch (error) {
    throw toNoList(who, error);
  }
}

function toMessage(who: string, models: number, ms: number): string {
  const count = models === 1 ? 'one model' : `${models} models`;
  return `${who} answered after ${Math.round(ms)} ms and offers ${count}.`;
}

function toNoList(who: string, cause?: unknown): AppError {
  return new AppError(
    'PROVIDER_PROTOCOL',
    `${who} answered with something that is no list of models; check its address.`,
    {
      cause,
    },
  );
}

function toUnusable(name: string): AppError {
  const sentence = `The key of ${name} holds spaces, line ends or other characters that a key cannot have; copy it again.`;
  return new AppError('PROVIDER_AUTH_REFUSED', sentence);
}

function toSilence(who: string): AppError {
  const sentence = `${who} did not answer within ${LIMIT_MS / 1_000} s; check its address and the network.`;
  return new AppError('PROVIDER_UNREACHABLE', sentence);
}
