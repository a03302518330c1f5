import { join } from 'node:path';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../../../runtime/time/clock.ts';
import { CONTRACT_VERSION } from '../../../shared/contract/define.ts';
import { createSite, only, type Site, TRACE } from '../../support/program.ts';
import { flotilla, linesOf, type Running } from '../cli/command-line.ts';

const LONG = `agents:
  - { kind: command, name: sleeper, count: 1, prompt: go, promptBy: stdin, command: [sleep, "60"] }
`;

async function urlOf(running: Running): Promise<URL> {
  await running.says('serve.ready');
  return new URL(String(only(linesOf(running.stdout()), 'serve.ready')['url']));
}

/** A page's bare socket, let in as a browser is. */
async function dial(url: URL): Promise<WebSocket> {
  const { headers } = await fetch(url, { redirect: 'manual' });
  const Cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
  const address = new URL(`${headers.get('location') ?? ''}rpc`, url);
  address.protocol = 'ws:';
  const socket = new WebSocket(address, { headers: { Cookie, Origin: url.origin } });
  await once(socket, 'open');
  return socket;
}

/** How often a start is ended, each time a little later: from before it does anything to after it serves. */
const ENDINGS = 8;
const STEP_MS = 70;

test('ended at any moment of its start, it goes without a trace on the screen, and the next start works', async () => {
  await using site = await createSite();
  for (let at = 1; at <= ENDINGS; at++) {
    await using serving = site.start(['serve']);
    await systemClock.sleep(at * STEP_MS);
    serving.kill('SIGTERM');
    const { code, stderr } = await serving.ended;
    // Before the program has begun to listen for it, the system ends it.
    expect([0, 'SIGTERM']).toContain(code);
    expect(stderr).not.toMatch(TRACE);
  }
  await using last = site.start(['serve']);
  expect((await urlOf(last)).hostname).toBe('127.0.0.1');
});

test('of two that start at the same moment one serves, and the other tells an address of it', async () => {
  await using site = await createSite();
  await using one = site.start(['serve']);
  await using other = site.start(['serve']);
  const [first, second] = await Promise.all([urlOf(one), urlOf(other)]);
  expect(first.host).toBe(second.host);
  expect(first.search).not.toBe(second.search);
});

test('a start while the former one is ending takes its place', async () => {
  await using site = await createSite();
  const path = await site.fleet('long', LONG);
  await using running = site.start(['run', path]);
  await running.says('run.started');
  running.kill('SIGTERM');
  await using serving = site.start(['serve']);
  await urlOf(serving);
  await running.ended;
  await expect.poll(() => isOwner(site, serving), { timeout: 20_000 }).toBe(true);
});

async function isOwner(site: Site, serving: Running): Promise<boolean> {
  const { lines } = await site.run(['status']);
  return lines.some((line) => line['pid'] === serving.pid);
}

test('an owner that is killed while its run is watched leaves the pages to the next owner', async () => {
  await using site = await createSite();
  await using running = site.start(['run', await site.fleet('long', LONG)]);
  await running.says('run.started');
  await using serving = site.start(['serve']);
  const url = await urlOf(serving);
  const socket = await dial(url);
  const said = once(socket, 'message');
  socket.send(JSON.stringify({ type: 'hello', version: CONTRACT_VERSION, client: 'page' }));
  expect(String((await said)[0])).toContain('"type":"welcome"');
  socket.send(JSON.stringify({ type: 'open', id: 1, entry: 'app.pulse', input: {}, credit: 2 }));
  await once(socket, 'message');
  const ended = once(socket, 'close');
  running.kill('SIGKILL');
  await ended;
  await serving.says('goes on in its place');
  await expect.poll(() => isOwner(site, serving), { timeout: 20_000 }).toBe(true);
});

test('a data directory that is a file, or lies below one, is refused in one sentence', async () => {
  await using site = await createSite();
  const file = await site.fleet('file', 'agents: []\n');
  for (const dataDir of [file, join(file, 'below')]) {
    const { code, stderr } = await flotilla(['serve', '--data-dir', dataDir]);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/^[^\n]+\n$/) as string });
  }
});
