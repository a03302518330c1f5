import { AppError, type ErrorDetails } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import type { WireError } from './wire/wire-format.ts';

/** Characters of a provider's own words that are passed on. */
const MAX_QUOTED_CHARS = 400;

/** Who refuses, and the key that must not be passed on with its words. */
export interface RefusingParty {
  /** `openai at api.openai.com`. */
  readonly who: string;
  readonly key: string | undefined;
}

/** What the error objects of both protocols, and of compatible servers, mean as an HTTP status. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  badrequesterror: 400,
  authentication_error: 401,
  invalid_api_key: 401,
  permission_error: 403,
  not_found_error: 404,
  model_not_found: 404,
  request_too_large: 413,
  context_length_exceeded: 400,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  requests: 429,
  tokens: 429,
  insufficient_quota: 402,
  overloaded_error: 529,
  api_error: 500,
  server_error: 500,
  internalservererror: 500,
  timeout_error: 504,
};

/** Answers that the same request may not get again a little later; 409 and 425 are the server's own conflicts. */
const OVERLOADED: ReadonlySet<number> = new Set([408, 409, 425]);

/** The refusal that an HTTP status and its body mean. */
export function toRefusal(status: number, body: string, details: ErrorDetails, party: RefusingParty): AppError {
  const error = parseBody(body);
  // Waiting does not help when the account is used up, although OpenAI answers 429 for it.
  const usedUp = error.code === 'insufficient_quota' || error.type === 'insufficient_quota';
  const effective = status === 429 && usedUp ? 402 : status;
  return describe(effective, { ...details, status }, toWords(error.message ?? body, party.key), party);
}

/** The refusal that an error event inside a stream means; what it does not name counts as a broken stream. */
export function toReportedRefusal(error: WireError, details: ErrorDetails, party: RefusingParty): AppError {
  const words = toWords(error.message ?? '', party.key);
  const status = toStatus(error.code) ?? toStatus(error.type);
  if (status !== undefined) return describe(status, { ...details, status }, words, party);
  const sentence = `${party.who} broke off its answer${words === '' ? '' : `: ${words}`}.`;
  return new AppError('PROVIDER_STREAM_BROKEN', sentence, { details });
}

function toStatus(value: unknown): number | undefined {
  if (typeof value === 'number' && value >= 400 && value < 600) return value;
  if (typeof value !== 'string') return undefined;
  return STATUS_OF_TYPE[value.toLowerCase()] ?? (/^[45]\d\d$/.test(value) ? Number(value) : undefined);
}

function describe(status: number, details: ErrorDetails, words: string, party: RefusingParty): AppError {
  const [code, did] = toCode(status, party.key !== undefined);
  const sentence = `${party.who} ${did}${words === '' ? '' : `: ${words.replace(/\.$/, '')}`}.`;
  return new AppError(code, sentence, { details });
}

function toCode(status: number, hasKey: boolean): [ErrorCode, string] {
  if (status === 401 && !hasKey)
    return ['PROVIDER_AUTH_REFUSED', 'wants a key and has none (keyFrom names its variable)'];
  if (status === 401) return ['PROVIDER_AUTH_REFUSED', 'refused the key; check the variable it comes from'];
  if (status === 403) return ['PROVIDER_AUTH_REFUSED', 'does not let this key do that'];
  if (status === 429) return ['PROVIDER_RATE_LIMITED', 'answered 429, too many requests'];
  if (OVERLOADED.has(status) || status >= 500) return ['PROVIDER_OVERLOADED', `answered ${status} and may recover`];
  if (status === 402) return ['PROVIDER_REFUSED', 'wants to be paid first'];
  if (status === 404) return ['PROVIDER_REFUSED', 'answered 404; check the model and the base address'];
  if (status >= 300 && status < 400) {
    return ['PROVIDER_REFUSED', `redirects (${status}); name the address it leads to as baseUrl`];
  }
  return ['PROVIDER_REFUSED', `refused the request (${status})`];
}

/** `{"error":{…}}`, `{"error":"…"}`, `{"message":…}`, `{"detail":…}` or anything else. */
function parseBody(body: string): WireError {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { message: body };
  }
  if (typeof value !== 'object' || value === null) return { message: body };
  const { error, message, detail } = value as { error?: unknown; message?: unknown; detail?: unknown };
  if (typeof error === 'object' && error !== null) return error;
  const text = [error, message, detail].find((candidate) => typeof candidate === 'string');
  return { message: text ?? body };
}

/** A provider's words on one line, cut, without the key. */
function toWords(value: unknown, key: string | undefined): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const withoutKey = key === undefined || key === '' ? text : text.replaceAll(key, '[key]');
  const line = withoutKey
    // Providers repeat keys in part (`sk-abc…wxyz`); no part of one is passed on either.
    .replaceAll(/\b(?:sk|key|gsk|xai|pk)-[\w*.-]{4,}/g, '[key]')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > MAX_QUOTED_CHARS ? `${line.slice(0, MAX_QUOTED_CHARS)}…` : line;
}
