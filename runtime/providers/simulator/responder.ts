import type { Clock } from '../../time/clock.ts';
import { drawFate, type Fate } from './chance.ts';
import { deliver } from './delivery.ts';
import type { Exchange } from './exchange.ts';
import { decideTurn } from './model/decision.ts';
import type { SimulatorOptions } from './options.ts';
import { anthropicProtocol } from './protocol/anthropic.ts';
import { openAiProtocol } from './protocol/openai.ts';
import type { Asked, Protocol, Refusal } from './protocol/protocol.ts';
import type { Pulse } from './pulse.ts';
import type { RateLimits } from './rate-limits.ts';
import { toReply } from './reply.ts';

/** What answers are made with. */
export interface ResponderParts {
  readonly options: SimulatorOptions;
  readonly clock: Clock;
  readonly pulse: Pulse;
  readonly limits: RateLimits;
}

/** Larger than any context a client can mean. */
const MAX_BODY_BYTES = 32 * 2 ** 20;
/** English text has about four characters a token. */
const CHARS_PER_TOKEN = 4;
/** Listed; every other `sim/…` is served too. */
const MODEL_IDS = ['sim/default', 'sim/small', 'sim/large'] as const;
const MODEL_CREATED_AT_SEC = 1_760_000_000;
/** The wait that a server error suggests. */
const ERROR_RETRY_AFTER_MS = 1_000;

interface Request {
  readonly exchange: Exchange;
  readonly protocol: Protocol;
  readonly requestId: string;
}

/**
 * Makes the function that answers every exchange. It never throws, and leaves an exchange without an end only to stall.
 */
export function createResponder(parts: ResponderParts): (exchange: Exchange) => void {
  const { options, clock, limits } = parts;
  let requestCount = 0;
  let askedCount = 0;
  let callCount = 0;

  const answer = async (request: Request): Promise<void> => {
    const { exchange, protocol } = request;
    const asked = await readRequest(exchange, protocol);
    if (asked.kind === 'refusal') return refuse(request, asked);
    const inputTokens = Math.ceil(asked.bodyChars / CHARS_PER_TOKEN);
    const admission = limits.admit(inputTokens);
    const nowMs = clock.nowMs();
    const headers = protocol.toLimitHeaders(admission, nowMs);
    if (admission.retryAfterMs !== undefined) {
      const { refusedBy, retryAfterMs } = admission;
      const message = `Rate limit reached for ${asked.model} on ${refusedBy} per minute. Please try again in ${retryAfterMs} ms.`;
      return refuse(request, { kind: 'refusal', status: 429, message, retryAfterMs }, headers);
    }
    const fate = drawFate(options, askedCount);
    askedCount += 1;
    if (fate.kind === 'error') return refuse(request, toServerError(protocol, fate), headers);
    const reply = toReply(decideTurn(asked.conversation), {
      id: `${protocol.replyPrefix}${askedCount}`,
      model: asked.model,
      createdAtSec: Math.floor(nowMs / 1000),
      inputTokens,
      maxOutputTokens: asked.maxOutputTokens,
      nextCallId: () => `${protocol.callPrefix}${(callCount += 1)}`,
    });
    limits.charge(reply.outputTokens);
    deliver({ ...parts, ...request, headers, reply, fate, stream: asked.stream, streamUsage: asked.streamUsage });
  };

  return (exchange) => {
    requestCount += 1;
    const protocol = protocolOf(exchange);
    const request = { exchange, protocol, requestId: `req_${requestCount}` };
    const refusal = refuseKey(exchange, protocol, options.key);
    if (refusal) return refuse(request, refusal);
    if (exchange.path.startsWith('/v1/models')) return answerModels(request);
    if (exchange.path !== '/v1/chat/completions' && exchange.path !== '/v1/messages')
      return refuse(request, toUnknownPath(exchange));
    if (exchange.method !== 'POST') {
      return refuse(request, { kind: 'refusal', status: 405, message: `${exchange.path} takes POST.` });
    }
    answer(request).catch((error: unknown) => {
      if (exchange.closed) return;
      refuse(request, { kind: 'refusal', status: 500, message: `The simulated provider failed: ${String(error)}` });
    });
  };
}

/** Both protocols have `/v1/models`; only Anthropic's clients name a version. */
function protocolOf(exchange: Exchange): Protocol {
  if (exchange.path.startsWith('/v1/messages')) return anthropicProtocol;
  return exchange.header('anthropic-version') === undefined ? openAiProtocol : anthropicProtocol;
}

async function readRequest(
  exchange: Exchange,
  protocol: Protocol,
): Promise<(Asked & { readonly bodyChars: number }) | Refusal> {
  const body = await exchange.body(MAX_BODY_BYTES);
  if (body === undefined) return { kind: 'refusal', status: 413, message: 'The request exceeds 32 MB.' };
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { kind: 'refusal', status: 400, message: 'The body of the request is not valid JSON.' };
  }
  const asked = protocol.parse(json);
  if (asked.kind === 'refusal') return asked;
  if (!isModel(asked.model)) return toUnknownModel(asked.model);
  return { ...asked, bodyChars: body.length };
}

function refuse(request: Request, refusal: Refusal, headers: Readonly<Record<string, string>> = {}): void {
  const { exchange, protocol, requestId } = request;
  const wait = refusal.retryAfterMs;
  exchange.respond(refusal.status, {
    'content-type': 'application/json',
    [protocol.requestIdHeader]: requestId,
    ...(wait !== undefined && { 'retry-after': String(Math.ceil(wait / 1000)), 'retry-after-ms': String(wait) }),
    ...headers,
  });
  exchange.end(protocol.toErrorBody(refusal, requestId));
}

function refuseKey(exchange: Exchange, protocol: Protocol, key: string | undefined): Refusal | undefined {
  if (key === undefined || protocol.keyOf((name) => exchange.header(name)) === key) return undefined;
  return { kind: 'refusal', status: 401, message: 'Incorrect API key provided.' };
}

function answerModels(request: Request): void {
  const { exchange, protocol, requestId } = request;
  const id = decodeId(exchange.path.slice('/v1/models/'.length));
  if (id !== '' && !isModel(id)) return refuse(request, toUnknownModel(id));
  exchange.respond(200, { 'content-type': 'application/json', [protocol.requestIdHeader]: requestId });
  exchange.end(
    id === '' ? protocol.toModels(MODEL_IDS, MODEL_CREATED_AT_SEC) : protocol.toModel(id, MODEL_CREATED_AT_SEC),
  );
}

/** An id holds a slash, which clients encode. */
function decodeId(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isModel(id: string): boolean {
  return /^sim\/\S+$/.test(id);
}

function toUnknownModel(id: string): Refusal {
  const message = `The model '${id}' does not exist; the simulated provider serves sim/default and any other sim/….`;
  return { kind: 'refusal', status: 404, message, param: 'model', code: 'model_not_found' };
}

function toUnknownPath(exchange: Exchange): Refusal {
  return { kind: 'refusal', status: 404, message: `Unknown request URL: ${exchange.method} ${exchange.path}.` };
}

function toServerError(protocol: Protocol, fate: Fate): Refusal {
  const overloaded = protocol.name === 'anthropic' ? 529 : 503;
  if (fate.where < 0.5) {
    return { kind: 'refusal', status: 500, message: 'The server had an error while processing your request.' };
  }
  return { kind: 'refusal', status: overloaded, message: 'Overloaded.', retryAfterMs: ERROR_RETRY_AFTER_MS };
}
