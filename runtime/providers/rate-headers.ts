import type { ResponseHeaders } from '../net/stream-call.ts';

/** What a provider last said about its limits; a figure it did not send is absent. */
export interface ProviderLimits {
  /** When it said so, wall clock. */
  readonly atMs: number;
  readonly requestsLimit?: number;
  readonly requestsRemaining?: number;
  /** When `requestsRemaining` is full again, wall clock. */
  readonly requestsResetAtMs?: number;
  readonly tokensLimit?: number;
  readonly tokensRemaining?: number;
  readonly tokensResetAtMs?: number;
}

type LimitKey = Exclude<keyof ProviderLimits, 'atMs'>;

/** OpenAI (`x-ratelimit-…`, spans such as `6m0s`) and Anthropic (`anthropic-ratelimit-…`, RFC 3339 instants). */
const LIMIT_HEADERS: readonly (readonly [LimitKey, readonly string[]])[] = [
  ['requestsLimit', ['x-ratelimit-limit-requests', 'anthropic-ratelimit-requests-limit']],
  ['requestsRemaining', ['x-ratelimit-remaining-requests', 'anthropic-ratelimit-requests-remaining']],
  ['requestsResetAtMs', ['x-ratelimit-reset-requests', 'anthropic-ratelimit-requests-reset']],
  ['tokensLimit', ['x-ratelimit-limit-tokens', 'anthropic-ratelimit-tokens-limit']],
  ['tokensRemaining', ['x-ratelimit-remaining-tokens', 'anthropic-ratelimit-tokens-remaining']],
  ['tokensResetAtMs', ['x-ratelimit-reset-tokens', 'anthropic-ratelimit-tokens-reset']],
];

const SPAN_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function findHeader(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,15}(\.\d{1,15})?$/.test(text.trim())) return undefined;
  return Number(text);
}

/** `1s`, `6m0s`, `59.2ms`; `undefined` when it is none. */
function parseSpanMs(text: string): number | undefined {
  if (!/^(\d{1,12}(\.\d{1,12})?(ms|s|m|h|d)){1,5}$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SPAN_UNITS_MS[unit ?? ''] ?? 0), 0);
}

/** A reset is a span, a number of seconds or an instant. */
function parseResetAtMs(text: string, nowMs: number): number | undefined {
  const seconds = parseNumber(text);
  const spanMs = seconds === undefined ? parseSpanMs(text) : seconds * 1_000;
  if (spanMs !== undefined) return nowMs + spanMs;
  return parseInstantMs(text);
}

/** An HTTP date or an RFC 3339 instant; `Date.parse` alone would take `-5` for a month. */
function parseInstantMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\w{3,9}, .+ GMT|\d{4}-\d\d-\d\dT.+)$/.test(text)) return undefined;
  const instantMs = Date.parse(text);
  return Number.isNaN(instantMs) ? undefined : instantMs;
}

/** The limits an answer's headers tell, or `undefined` when they tell none. */
export function parseLimits(headers: ResponseHeaders, nowMs: number): ProviderLimits | undefined {
  const found: Partial<Record<LimitKey, number>> = {};
  for (const [key, names] of LIMIT_HEADERS) {
    const text = findHeader(headers, names[0] ?? '') ?? findHeader(headers, names[1] ?? '');
    if (text === undefined) continue;
    const value = key.endsWith('ResetAtMs') ? parseResetAtMs(text, nowMs) : parseNumber(text);
    if (value !== undefined) found[key] = value;
  }
  return Object.keys(found).length === 0 ? undefined : { atMs: nowMs, ...found };
}

/**
 * How long an answer asks to wait: `retry-after-ms`, `Retry-After` in seconds or as a date (RFC 9110, 10.2.3, measured
 * by the server's own clock where it sends it), else until the limit that is used up is full again.
 */
export function parseRetryAfterMs(headers: ResponseHeaders, nowMs: number): number | undefined {
  const exactMs = parseNumber(findHeader(headers, 'retry-after-ms'));
  if (exactMs !== undefined) return exactMs;
  const text = findHeader(headers, 'retry-after');
  const seconds = parseNumber(text);
  if (seconds !== undefined) return seconds * 1_000;
  const atMs = parseInstantMs(text);
  if (atMs !== undefined) return Math.max(0, atMs - (parseInstantMs(findHeader(headers, 'date')) ?? nowMs));
  return findUsedUpMs(parseLimits(headers, nowMs), nowMs);
}

function findUsedUpMs(limits: ProviderLimits | undefined, nowMs: number): number | undefined {
  const resets: number[] = [];
  if (limits?.requestsRemaining === 0) resets.push(limits.requestsResetAtMs ?? nowMs);
  if (limits?.tokensRemaining === 0) resets.push(limits.tokensResetAtMs ?? nowMs);
  const waitMs = Math.max(0, ...resets.map((atMs) => atMs - nowMs));
  return waitMs === 0 ? undefined : waitMs;
}
