import { describe, expect, test } from 'vitest';
import { toRefusal, toReportedRefusal } from '../../../runtime/providers/refusal.ts';

const PARTY = { who: 'openai at api.openai.com', key: 'sk-proj-ABCDEFGH12345678' };

describe('a refusal', () => {
  test('is one sentence that names who, what and why', () => {
    const body = JSON.stringify({ error: { message: "The model 'gpt-9' does not exist.", code: 'model_not_found' } });
    expect(toRefusal(404, body, {}, PARTY).message).toBe(
      "openai at api.openai.com answered 404; check the model and the base address: The model 'gpt-9' does not exist.",
    );
  });

  test.each([
    JSON.stringify({ error: { message: 'Incorrect API key provided: sk-proj-ABCDEFGH12345678.' } }),
    JSON.stringify({ error: { message: 'Incorrect API key provided: sk-proj-********5678.' } }),
    JSON.stringify({ error: 'the header was Bearer sk-proj-ABCDEFGH12345678' }),
    JSON.stringify({ detail: { loc: ['header', 'sk-proj-ABCDEFGH12345678'] } }),
    'plain text with sk-proj-ABCDEFGH12345678 in it',
  ])('repeats no part of the key: %s', (body) => {
    for (const status of [400, 401, 403, 429, 500]) {
      const error = toRefusal(status, body, { retryAfterMs: 1 }, PARTY);
      expect(JSON.stringify(error.toData())).not.toMatch(/ABCDEFGH|5678/);
    }
  });

  test('keeps a key of any shape to itself', () => {
    const key = 'Zm9vYmFy+/=';
    const error = toRefusal(401, JSON.stringify({ message: `bad key ${key}` }), {}, { who: 'x', key });
    expect(error.message).not.toContain(key);
  });

  test('says that a key is wanted where there was none', () => {
    expect(toRefusal(401, '', {}, { who: 'x', key: undefined }).message).toContain('wants a key and has none');
  });

  test('quotes no more than a few lines', () => {
    const error = toRefusal(500, 'x'.repeat(1_000_000), {}, PARTY);
    expect(error.message.length).toBeLessThan(600);
  });

  test('names the address when the server redirects', () => {
    expect(toRefusal(301, '', {}, PARTY)).toMatchObject({ code: 'PROVIDER_REFUSED' });
  });
});

describe('an error inside a stream', () => {
  test.each([
    [{ type: 'overloaded_error', message: 'Overloaded' }, 'PROVIDER_OVERLOADED'],
    [{ type: 'rate_limit_error' }, 'PROVIDER_RATE_LIMITED'],
    [{ type: 'authentication_error' }, 'PROVIDER_AUTH_REFUSED'],
    [{ type: 'invalid_request_error' }, 'PROVIDER_REFUSED'],
    [{ type: 'BadRequestError', code: 400 }, 'PROVIDER_REFUSED'],
    [{ code: 'rate_limit_exceeded' }, 'PROVIDER_RATE_LIMITED'],
    [{ code: '503' }, 'PROVIDER_OVERLOADED'],
    [{ message: 'context canceled' }, 'PROVIDER_STREAM_BROKEN'],
    [{ type: 'something_new' }, 'PROVIDER_STREAM_BROKEN'],
    [{}, 'PROVIDER_STREAM_BROKEN'],
  ] as const)('%j is %s', (reported, code) => {
    expect(toReportedRefusal(reported, { text: 'so far' }, PARTY)).toMatchObject({ code, details: { text: 'so far' } });
  });
});
