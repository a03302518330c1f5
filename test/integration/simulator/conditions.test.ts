import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { SimulatorServer } from '../../../runtime/providers/simulator/server.ts';
import { ask, connectHttp2, openServer, post, streamOver } from './simulated-client.ts';

const CHAT = '/v1/chat/completions';
const MESSAGES = '/v1/messages';

describe('rate limits', () => {
  test('show in the headers of OpenAI and refuse with the time to wait', async () => {
    await using server = await openServer({ requestsPerMin: 2, tokensPerMin: 10_000 });
    const first = await post(server, CHAT, ask('one'));
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': expect.stringMatching(/^\d+\.\d{3}s$/),
      'x-ratelimit-limit-tokens': '10000',
    });
    await post(server, CHAT, ask('two'));
    const refused = await post(server, CHAT, ask('three'));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(refused.headers['x-ratelimit-remaining-requests']).toBe('0');
    expect(JSON.parse(refused.text)).toMatchObject({
      error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
    });
  });

  test('show in the headers of Anthropic', async () => {
    await using server = await openServer({ requestsPerMin: 1, tokensPerMin: 10_000 });
    const body = ask('one', { max_tokens: 50 });
    const first = await post(server, MESSAGES, body);
    expect(first.headers).toMatchObject({
      'anthropic-ratelimit-requests-limit': '1',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-tokens-limit': '10000',
    });
    expect(Date.parse(String(first.headers['anthropic-ratelimit-requests-reset']))).not.toBeNaN();
    const refused = await post(server, MESSAGES, body);
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.text)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
    expect(refused.headers['retry-after']).toBeDefined();
  });
});

describe('faults', () => {
  const statusesOf = async (server: SimulatorServer, path: string): Promise<number[]> => {
    const statuses: number[] = [];
    for (let count = 0; count < 30; count += 1) {
      statuses.push((await post(server, path, ask(`Number ${count}`, { max_tokens: 50 }))).status);
    }
    return statuses;
  };

  test('of a seed are the same in each run, with the statuses of each protocol', async () => {
    const runs: number[][] = [];
    for (const seed of [5, 5, 6]) {
      await using server = await openServer({ errorRatio: 0.5, seed });
      runs.push(await statusesOf(server, CHAT));
    }
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]).not.toEqual(runs[2]);
    expect(new Set(runs[0])).toEqual(new Set([200, 500, 503]));
    await using server = await openServer({ errorRatio: 1 });
    expect(new Set(await statusesOf(server, MESSAGES))).toEqual(new Set([500, 529]));
  });

  test('break a stream off before its end', async () => {
    await using server = await openServer({ disconnectRatio: 1 });
    const session = connectHttp2(server);
    let heard = 0;
    for (let count = 0; count < 10; count += 1) {
      const { text, ended } = await streamOver(session, ask('Say hello.', { stream: true }));
      expect(ended).toBe('broken');
      expect(text).not.toContain('[DONE]');
      heard += text.includes('"content"') ? 1 : 0;
    }
    expect(heard).toBeGreaterThan(3);
    session.destroy();
  });

  test('break a connection off over HTTP/1.1', async () => {
    await using server = await openServer({ disconnectRatio: 1 });
    await expect(post(server, CHAT, ask('Say hello.', { stream: true }))).rejects.toThrow(/hang up|reset|aborted/i);
  });

  test('leave a stalled stream open until its client gives up', async () => {
    await using server = await openServer({ stallRatio: 1, tokensPerSec: 5_000, seed: 3 });
    const session = connectHttp2(server);
    const stalled = session.request({ ':method': 'POST', ':path': CHAT });
    const answered = new Promise((resolve) => stalled.once('response', resolve));
    stalled.on('error', () => {});
    stalled.end(JSON.stringify(ask('Say hello.', { stream: true })));
    stalled.resume();
    await answered;
    // Another request on the same connection goes all the way to its own stall: the first one has had its time.
    const other = session.request({ ':method': 'GET', ':path': '/v1/models' });
    await new Promise((resolve) => other.resume().once('end', resolve));
    expect(stalled.readableEnded).toBe(false);
    stalled.close();
    await new Promise((resolve) => stalled.once('close', resolve));
    session.destroy();
  });
});

describe('pacing', () => {
  test('sends a stream in several writes and the same text as without it', async () => {
    const body = ask('Say hello in a few words.', { stream: true });
    const contents = (text: string): string[] => [...text.matchAll(/"content":"([^"]+)"/g)].map((match) => match[1]!);
    await using paced = await openServer({ firstTokenMs: 5, tokensPerSec: 200 });
    await using unpaced = await openServer();
    const slow = connectHttp2(paced);
    const fast = connectHttp2(unpaced);
    const sizes: number[] = [];
    const slowly = await streamOver(slow, body, (text) => sizes.push(text.length));
    const quickly = await streamOver(fast, body);
    expect(sizes.length).toBeGreaterThan(3);
    expect(contents(slowly.text)).toEqual(contents(quickly.text));
    expect(slowly.ended).toBe('whole');
    slow.destroy();
    fast.destroy();
  });

  test('a thousand paced streams on one connection all end whole', async () => {
    await using server = await openServer({ firstTokenMs: 20, firstTokenSpreadMs: 50, tokensPerSec: 100 });
    const session = connectHttp2(server);
    session.setMaxListeners(0);
    const all = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => streamOver(session, ask(`Number ${index}`, { stream: true }))),
    );
    expect(
      all.every(
        ({ text, ended }, index) => ended === 'whole' && text.includes('[DONE]') && text.length > 0 && index >= 0,
      ),
    ).toBe(true);
    session.destroy();
  });
});

describe('the server', () => {
  const protocolOf = (server: SimulatorServer, offered: string[]): Promise<string | false | null> =>
    new Promise((resolve, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port: server.port,
        ca: readFileSync(server.caFile),
        ALPNProtocols: offered,
      });
      socket.once('secureConnect', () => {
        resolve(socket.alpnProtocol);
        socket.destroy();
      });
      socket.once('error', reject);
    });

  test('speaks HTTP/2 and HTTP/1.1 on one port, or only the latter', async () => {
    await using both = await openServer();
    await using old = await openServer({ http1: true });
    expect(await protocolOf(both, ['h2', 'http/1.1'])).toBe('h2');
    expect(await protocolOf(both, ['http/1.1'])).toBe('http/1.1');
    expect(await protocolOf(old, ['h2', 'http/1.1'])).toBe('http/1.1');
    expect((await post(old, CHAT, ask('x'))).status).toBe(200);
  });

  test('asks for its key in the header of each protocol', async () => {
    await using server = await openServer({ key: 'secret' });
    const body = ask('x', { max_tokens: 9 });
    expect((await post(server, CHAT, body)).status).toBe(401);
    expect((await post(server, CHAT, body, { authorization: 'Bearer secret' })).status).toBe(200);
    expect(JSON.parse((await post(server, MESSAGES, body, { 'x-api-key': 'wrong' })).text)).toMatchObject({
      error: { type: 'authentication_error' },
    });
    expect((await post(server, MESSAGES, body, { 'x-api-key': 'secret' })).status).toBe(200);
  });

  test('refuses what it cannot read, without falling over', async () => {
    await using server = await openServer();
    expect((await post(server, CHAT, '{ broken')).status).toBe(400);
    expect((await post(server, CHAT, 'null')).status).toBe(400);
    expect((await post(server, CHAT, { model: 'sim/x' })).status).toBe(400);
    expect((await post(server, '/v1/other', {})).status).toBe(404);
    expect((await post(server, CHAT, undefined)).status).toBe(405);
    expect((await post(server, '/v1/models/%E0%A4%A', undefined)).status).toBe(404);
    expect((await post(server, CHAT, 'x'.repeat(33 * 2 ** 20)).catch(() => ({ status: 413 }))).status).toBe(413);
    expect((await post(server, CHAT, ask('still there?'))).status).toBe(200);
  });

  test('names the way out of a port in use', async () => {
    await using server = await openServer();
    await expect(openServer({ port: server.port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining('--port'),
    });
  });
});
