import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { contract } from '../../../shared/contract/contract.ts';
import { createContractClient } from '../../../shared/contract/client.ts';
import { findFarewell } from '../../../shared/contract/farewell.ts';
import type { ClientMessage } from '../../../shared/contract/wire.ts';
import { WebSocketTransport } from '../../../main/rpc/web-socket-transport.ts';
import { createSite, only } from '../../support/program.ts';
import { linesOf, type Running } from '../cli/command-line.ts';

async function urlOf(running: Running): Promise<string> {
  await running.says('serve.ready');
  return String(only(linesOf(running.stdout()), 'serve.ready')['url']);
}

/** A client of the contract, let in as a browser is. */
async function connectPage(url: string) {
  const { origin, host } = new URL(url);
  const answer = await fetch(url, { redirect: 'manual' });
  const Cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const base = answer.headers.get('location') ?? '';
  const socket = new WebSocket(`ws://${host}${base}rpc`, { headers: { Cookie, Origin: origin } });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  let id = 0;
  return await createContractClient(contract, new WebSocketTransport<ClientMessage>(socket), {
    client: 'page',
    newRequestId: () => `request-${id++}`,
  });
}

const LONG = `agents:
  - { kind: command, name: sleeper, count: 1, prompt: go, promptBy: stdin, command: [sleep, "60"] }
`;

/** What the host said last to a page; waits for it. */
async function farewellTo(client: Awaited<ReturnType<typeof connectPage>>) {
  const error = await client.ended;
  return error && findFarewell(error);
}

test('a page speaks the contract; SIGTERM says goodbye to the page and ends the command, with 0', async () => {
  await using site = await createSite();
  await using serving = site.start(['serve', '--port', '0']);
  await using client = await connectPage(await urlOf(serving));
  expect(await client.calls.app.about({})).toMatchObject({ host: 'serve', keepsKeys: false });
  serving.kill('SIGTERM');
  expect(await farewellTo(client)).toEqual({ stoppedRuns: 0, isShowingOther: false });
  expect(await serving.ended).toMatchObject({ code: 0 });
});

test('a second start joins the first and prints a new address of it', async () => {
  await using site = await createSite();
  await using first = site.start(['serve']);
  const url = new URL(await urlOf(first));
  const second = await site.run(['serve']);
  const again = new URL(String(only(second.lines, 'serve.ready')['url']));
  expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('Joined the running instance') });
  expect(again.host).toBe(url.host);
  expect(again.search).not.toBe(url.search);
  await using client = await connectPage(again.href);
  expect((await client.calls.app.about({})).host).toBe('serve');
});

test('a live run is stopped and kept when serve is ended, and its page is told', async () => {
  await using site = await createSite();
  const path = await site.fleet('long', LONG);
  await using serving = site.start(['serve']);
  await using client = await connectPage(await urlOf(serving));
  await client.calls.fleets.launch({ path, overrides: {} });
  serving.kill('SIGTERM');
  expect(await farewellTo(client)).toEqual({ stoppedRuns: 1, isShowingOther: false });
  expect((await serving.ended).code).toBe(0);
  const { lines } = await site.run(['history', 'list']);
  expect(lines).toMatchObject([{ type: 'run', state: 'stopped' }]);
});

test('the screens show the run of a terminal, and go on in its place when it ends', async () => {
  await using site = await createSite();
  await using running = site.start(['run', await site.fleet('long', LONG)]);
  await running.says('run.started');
  await using serving = site.start(['serve']);
  const url = await urlOf(serving);
  {
    await using client = await connectPage(url);
    expect((await client.calls.app.about({})).host).toBe('terminal');
    const { runs } = await client.calls.runs.list({});
    expect(runs).toMatchObject([{ fleet: 'long' }]);
    await client.calls.runs.stop({ runId: runs[0]!.runId });
    expect((await running.ended).code).toBe(130);
    await client.ended;
  }
  await serving.says('goes on in its place');
  const owner = JSON.parse(await readFile(`${site.dataDir}/instance.json`, 'utf8')) as { pid: number };
  expect(owner.pid).toBe(serving.pid);
  const second = await site.run(['serve']);
  await using client = await connectPage(String(only(second.lines, 'serve.ready')['url']));
  expect((await client.calls.app.about({})).host).toBe('serve');
});

test('screens that show the run of a terminal say when they end that it goes on', async () => {
  await using site = await createSite();
  await using running = site.start(['run', await site.fleet('long', LONG)]);
  await running.says('run.started');
  await using serving = site.start(['serve']);
  await using client = await connectPage(await urlOf(serving));
  await client.calls.app.version({});
  serving.kill('SIGTERM');
  expect(await farewellTo(client)).toEqual({ stoppedRuns: 0, isShowingOther: true });
  expect((await serving.ended).code).toBe(0);
  running.kill('SIGTERM');
});

test('a page that is shown the run of a terminal is told when the terminal is ended', async () => {
  await using site = await createSite();
  await using running = site.start(['run', await site.fleet('long', LONG)]);
  await running.says('run.started');
  await using serving = site.start(['serve']);
  await using client = await connectPage(await urlOf(serving));
  await client.calls.app.version({});
  running.kill('SIGTERM');
  expect(await farewellTo(client)).toMatchObject({ isShowingOther: false });
  await serving.says('goes on in its place');
});

test('a port in use, and a word that is no port, are refused in a sentence', async () => {
  await using site = await createSite();
  await using other = await createSite();
  await using serving = site.start(['serve']);
  const { port } = new URL(await urlOf(serving));
  expect(await other.run(['serve', '--port', port])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining(`Port ${port} is in use`),
  });
  expect((await other.run(['serve', '--port', '70000'])).code).toBe(3);
});
