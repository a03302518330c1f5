import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { checkProvider, type CheckedEndpoint } from '../../../main/providers/check-provider.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { errorOf } from '../../support/error-of.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { openScriptedServer, type ScriptedServerOptions } from '../../support/servers/scripted-server.ts';

const KEY = 'secret-0123456789';
const never = new AbortController().signal;

const endpoint = (origin: string, part: Partial<CheckedEndpoint> = {}): CheckedEndpoint => ({
  name: 'mine',
  protocol: 'openai',
  baseUrl: `${origin}/v1`,
  http: '1.1',
  key: KEY,
  connectTimeoutMs: 5_000,
  maxConnections: 8,
  maxConcurrentStreams: 8,
  clock: systemClock,
  ...part,
});

const serve = (answer: ScriptedServerOptions['answer']) => openScriptedServer({ kind: 'h1', answer });
const json = (status: number, value: unknown) =>
  serve((_request, answer) => {
    answer.head(status, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(value));
  });

test('its models are listed by name, asked for with the key a run would use', async () => {
  await using server = await json(200, { object: 'list', data: [{ id: 'b' }, { id: 'a', owned_by: 'x' }] });
  const checked = await checkProvider(endpoint(server.origin), never);
  expect(checked).toMatchObject({ models: ['a', 'b'], message: expect.stringContaining('offers 2 models') });
  expect(server.requests).toMatchObject([
    { method: 'GET', path: '/v1/models', headers: { authorization: `Bearer ${KEY}` } },
  ]);
});

test('an Anthropic one is asked in its own way, with or without /v1 in its address', async () => {
  await using server = await json(200, { data: [{ id: 'claude' }] });
  for (const baseUrl of [server.origin, `${server.origin}/v1`])
    expect(await checkProvider(endpoint('', { baseUrl, protocol: 'anthropic' }), never)).toMatchObject({
      models: ['claude'],
    });
  expect(server.requests.map(({ path }) => path)).toEqual(['/v1/models?limit=1000', '/v1/models?limit=1000']);
  expect(server.requests[0]?.headers).toMatchObject({ 'x-api-key': KEY });
});

test.each([
  [401, 'PROVIDER_AUTH_REFUSED'],
  [403, 'PROVIDER_AUTH_REFUSED'],
  [404, 'PROVIDER_REFUSED'],
  [302, 'PROVIDER_REFUSED'],
  [429, 'PROVIDER_RATE_LIMITED'],
  [503, 'PROVIDER_OVERLOADED'],
])('an answer of %i is told as a run would meet it, without the key', async (status, code) => {
  await using server = await json(status, { error: { message: `Incorrect API key provided: ${KEY}` } });
  const error = (await errorOf(checkProvider(endpoint(server.origin), never))) as Error;
  expect(error).toMatchObject({ code });
  expect(JSON.stringify([error.message, error])).not.toContain(KEY);
});

test.each(['<html>hello</html>', '{"data":{}}', '', '[]'])(
  'an answer that is no list of models is told: %j',
  async (body) => {
    await using server = await serve((_request, answer) => {
      answer.head(200);
      answer.end(body);
    });
    await expect(checkProvider(endpoint(server.origin), never)).rejects.toMatchObject({ code: 'PROVIDER_PROTOCOL' });
  },
);

test('an answer without an end is not read for ever', async () => {
  await using server = await serve((_request, answer) => {
    answer.head(200);
    for (let at = 0; at < 9; at++) answer.write('x'.repeat(1024 * 1024));
  });
  await expect(checkProvider(endpoint(server.origin), never)).rejects.toMatchObject({ code: 'PROVIDER_PROTOCOL' });
  expect(server.openCount).toBeLessThanOrEqual(1);
});

test('a port on which nothing listens is told as unreachable', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  await expect(checkProvider(endpoint(`http://127.0.0.1:${port}`), never)).rejects.toMatchObject({
    code: 'PROVIDER_UNREACHABLE',
    message: expect.stringContaining('Nothing listens'),
  });
});

test('a connection that breaks off is told as unreachable', async () => {
  await using server = await serve((_request, answer) => answer.break());
  await expect(checkProvider(endpoint(server.origin), never)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' });
});

test('a server that is silent is given up after its limit, and at once when nobody waits any more', async () => {
  const asked = Promise.withResolvers<void>();
  await using server = await serve(() => asked.resolve());
  const clock = manualClock();
  const silent = errorOf(checkProvider(endpoint(server.origin, { clock }), never));
  await asked.promise;
  await clock.advance(15_000);
  expect(await silent).toMatchObject({ code: 'PROVIDER_UNREACHABLE', message: expect.stringContaining('15 s') });
  const leaving = new AbortController();
  const left = errorOf(checkProvider(endpoint(server.origin), leaving.signal));
  leaving.abort(new Error('left'));
  expect(await left).toMatchObject({ message: 'left' });
});

test('a key that no header can carry is refused before anything is sent', async () => {
  await using server = await json(200, { data: [] });
  const key = 'two words-1234';
  const error = (await errorOf(checkProvider(endpoint(server.origin, { key }), never))) as Error;
  expect(error).toMatchObject({ code: 'PROVIDER_AUTH_REFUSED' });
  expect(error.message).not.toContain('1234');
  expect(server.requests).toEqual([]);
});
