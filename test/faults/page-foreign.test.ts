import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../support/browser/open-browser.ts';
import { servePage, type ServedPage } from '../support/page/served-page.ts';

/** A page of another local program: an empty document, and what browsers sent along when they asked for it. */
interface Stranger extends AsyncDisposable {
  readonly port: number;
  readonly seen: IncomingHttpHeaders[];
}

let browser: Browser;

beforeAll(async () => {
  // A name that somebody else owns and lets lead to this machine.
  browser = await openBrowser(['--host-resolver-rules=MAP *.example 127.0.0.1']);
}, 60_000);

afterAll(() => browser.close());

async function openStranger(cookies: readonly string[] = []): Promise<Stranger> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer(({ headers }, response) => {
    seen.push(headers);
    response.setHeader('Set-Cookie', [...cookies]);
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>stranger</title><body></body>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A browser that was let in, with a tab of ours and one of a stranger. */
async function letIn(page: ServedPage, stranger: string): Promise<{ context: BrowserContext; own: Page; other: Page }> {
  const context = await browser.newContext();
  const own = await context.newPage();
  await own.goto(page.server.createUrl());
  expect(own.url()).toBe(`${page.origin}${page.base}`);
  const other = await context.newPage();
  await other.goto(stranger);
  return { context, own, other };
}

test('another local program is not sent the cookie, though a browser shares cookies between ports', async () => {
  await using page = await servePage();
  await using stranger = await openStranger();
  const { context, other } = await letIn(page, `http://127.0.0.1:${stranger.port}/`);
  await other.goto(`http://127.0.0.1:${stranger.port}/assets/`);
  expect(await context.cookies(`${page.origin}${page.base}`)).toHaveLength(1);
  expect(stranger.seen.length).toBeGreaterThan(1);
  expect(stranger.seen.map(({ cookie }) => cookie)).toEqual(stranger.seen.map(() => undefined));
  await context.close();
});

test.each(['127.0.0.1', 'localhost', 'evil.example'])(
  'a page of %s on another port neither connects, nor reads, nor frames, even when it knows the path',
  async (host) => {
    await using page = await servePage();
    await using stranger = await openStranger();
    const { context, other } = await letIn(page, `http://${host}:${stranger.port}/`);
    const target = `${page.origin}${page.base}`;
    const got = await other.evaluate(async (address) => {
      const socket = (url: string) =>
        new Promise<string>((resolve) => {
          const made = new WebSocket(url);
          made.addEventListener('open', () => resolve('open'));
          made.addEventListener('error', () => resolve('refused'));
        });
      const read = (options: RequestInit) =>
        fetch(address, { credentials: 'include', ...options }).then(
          (answer) => `${answer.type} ${answer.status}`,
          () => 'refused',
        );
      const element = (name: 'img' | 'script' | 'link', key: 'src' | 'href', url: string) =>
        new Promise<string>((resolve) => {
          const made = document.createElement(name);
          made.addEventListener('load', () => resolve('loaded'));
          made.addEventListener('error', () => resolve('refused'));
          if (made instanceof HTMLLinkElement) made.rel = 'stylesheet';
          made.setAttribute(key, url);
          document.body.append(made);
        });
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener('load', resolve));
      return {
        socket: await socket(`${address.replace('http', 'ws')}rpc`),
        read: await read({}),
        post: await read({ method: 'POST', body: '{}' }),
        asked: await read({ headers: { 'X-Own': '1' } }),
        picture: await element('img', 'src', `${address}icon.svg`),
        script: await element('script', 'src', `${address}assets/main-1a2b.js`),
        frame: frame.contentDocument?.title ?? 'closed to us',
      };
    }, target);
    expect(got).toEqual({
      socket: 'refused',
      read: 'refused',
      post: 'refused',
      asked: 'refused',
      picture: 'refused',
      script: 'refused',
      frame: 'closed to us',
    });
    expect(page.connections).toEqual([]);
    await context.close();
  },
);

test('a name that was made to lead here opens nothing in a browser (DNS rebinding)', async () => {
  await using page = await servePage();
  const context = await browser.newContext();
  const tab = await context.newPage();
  const { search } = new URL(page.server.createUrl());
  const answer = await tab.goto(`http://rebound.example:${page.server.port}/${search}`);
  expect(answer?.status()).toBe(403);
  expect(await context.cookies()).toEqual([]);
  await context.close();
});

test('a form of a stranger, and a window it opens, lead to nothing it can reach', async () => {
  await using page = await servePage();
  await using stranger = await openStranger();
  const { context, other } = await letIn(page, `http://127.0.0.1:${stranger.port}/`);
  const [opened] = await Promise.all([
    context.waitForEvent('page'),
    other.evaluate((address) => {
      (window as { made?: unknown }).made = window.open(address, 'made');
    }, `${page.origin}${page.base}`),
  ]);
  await opened.waitForLoadState();
  // Cut off by the opener policy: to its opener the window looks closed.
  await expect.poll(() => other.evaluate(() => (window as { made?: Window }).made?.closed)).toBe(true);
  const [answer] = await Promise.all([
    other.waitForResponse((response) => response.url().startsWith(page.origin)),
    other.evaluate((address) => {
      const form = document.createElement('form');
      form.action = address;
      form.method = 'POST';
      document.body.append(form);
      form.submit();
    }, `${page.origin}${page.base}`),
  ]);
  expect(answer.status()).toBe(403);
  expect(page.connections).toEqual([]);
  await context.close();
});

test('the address also lets in who follows a link to it on another page, and stays in no history', async () => {
  await using page = await servePage();
  await using stranger = await openStranger();
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.goto(`http://localhost:${stranger.port}/`);
  const url = page.server.createUrl();
  await tab.evaluate((address) => {
    const link = document.createElement('a');
    link.href = address;
    document.body.append(link);
    link.click();
  }, url);
  await tab.waitForURL(`${page.origin}${page.base}`);
  expect(await tab.title()).toBe('Flotilla');
  expect(await tab.evaluate(() => document.referrer)).not.toContain('token');
  await tab.goBack();
  expect(tab.url()).toBe(`http://localhost:${stranger.port}/`);
  await context.close();
});

test('cookies that another port lays over ours do not put the browser out', async () => {
  await using page = await servePage();
  const { port } = page.server;
  await using stranger = await openStranger([
    `flotilla-${port}=AAAA; Path=/`,
    `flotilla-${port}=BBBB; Path=${page.base}rpc`,
  ]);
  const { context, own } = await letIn(page, `http://127.0.0.1:${stranger.port}/`);
  await own.reload();
  expect(await own.title()).toBe('Flotilla');
  const state = await own.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(new URL('rpc', location.href.replace('http', 'ws')));
        socket.addEventListener('open', () => resolve('open'));
        socket.addEventListener('error', () => resolve('refused'));
      }),
  );
  expect(state).toBe('open');
  await context.close();
});
