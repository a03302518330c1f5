import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDesktop, type OpenedDesktop } from '../support/electron/open-desktop.ts';

// One small program, written for Electron as its documentation has it: what it sees on the real one it must see on the stand-in.

const MAIN = `
import { app, BrowserWindow, ipcMain, MessageChannelMain, protocol, safeStorage, session, utilityProcess } from 'electron';
import { fileURLToPath } from 'node:url';
protocol.registerSchemesAsPrivileged([{ scheme: 'trial', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
app.setPath('userData', process.argv.find((arg) => arg.startsWith('--profile=')).slice('--profile='.length));
globalThis.seen = { readyBeforeEntryEnded: app.isReady(), messages: [], navigations: [], windows: [] };
globalThis.safeStorage = safeStorage;
app.on('window-all-closed', () => undefined);
app.on('web-contents-created', (_event, contents) => {
  contents.on('will-navigate', (event) => {
    seen.navigations.push(event.url);
    event.preventDefault();
  });
  contents.setWindowOpenHandler(({ url }) => {
    seen.windows.push(url);
    return { action: 'deny' };
  });
});
app.whenReady().then(() => {
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => app.exit(0));
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) => answer(permission !== 'midi'));
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => permission === 'notifications');
  session.defaultSession.protocol.handle('trial', (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/') return new Response('<title>trial</title><script src="/page.js"></script>', { headers: { 'content-type': 'text/html' } });
    if (pathname === '/page.js') return new Response(PAGE, { headers: { 'content-type': 'text/javascript; charset=utf-8' } });
    return new Response('nothing', { status: 404 });
  });
  ipcMain.on('want', (event, ...args) => {
    seen.args = args;
    seen.sender = event.senderFrame.url;
    const { port1, port2 } = new MessageChannelMain();
    port1.on('message', ({ data }) => {
      seen.messages.push(data instanceof Uint8Array ? ['bytes', ...data] : data);
      port1.postMessage(data === 'close yours' ? 'a last word' : data);
      if (data === 'close yours') port1.close();
    });
    port1.start();
    event.senderFrame.postMessage('port', { early: true }, [port2]);
  });
  const window = new BrowserWindow({ show: false, webPreferences: { preload: fileURLToPath(new URL('./preload.cjs', import.meta.url)), sandbox: true, contextIsolation: true } });
  window.loadURL('trial://app/');
});
const PAGE = \`
  globalThis.heard = [];
  addEventListener('message', ({ data, ports, source }) => {
    if (data !== 'port' || source !== window) return;
    globalThis.port = ports[0];
    port.onmessage = ({ data }) => heard.push(data instanceof Uint8Array ? ['bytes', ...data] : data);
    port.postMessage({ text: 'ü', list: [1, null] });
    port.postMessage(new Uint8Array([0, 127, 255]));
  });
  postMessage('want', location.origin);
\`;
globalThis.fork = () => new Promise((resolve) => {
  const child = utilityProcess.fork(fileURLToPath(new URL('./helper.mjs', import.meta.url)), ['one'], { serviceName: 'trial', stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { messages: [], stdout: '' };
  child.stdout.on('data', (text) => (said.stdout += text));
  child.on('message', (message) => {
    said.messages.push(message instanceof Uint8Array ? ['bytes', ...message] : message);
    if (said.messages.length === 1) child.postMessage(new Uint8Array([1, 2]));
    else child.postMessage('end');
  });
  child.on('exit', (code) => resolve({ ...said, code }));
});
`;

const PRELOAD = `
const { ipcRenderer } = require('electron');
globalThis.secret = 'of the preload script';
window.addEventListener('message', ({ data, source }) => {
  if (data === 'want' && source === window) ipcRenderer.send('want', 1, 'two');
});
ipcRenderer.on('port', ({ ports }) => window.postMessage('port', location.origin, ports));
`;

const HELPER = `
process.stdout.write('hello');
process.parentPort.on('message', ({ data }) => {
  if (data === 'end') process.exit(3);
  process.parentPort.postMessage(data);
});
process.parentPort.postMessage(process.argv.slice(2));
`;

let folder: string;
let desktop: OpenedDesktop;

interface Seen {
  readonly readyBeforeEntryEnded: boolean;
  readonly messages: readonly unknown[];
  readonly navigations: readonly string[];
  readonly windows: readonly string[];
  readonly args: readonly unknown[];
  readonly sender: string;
}
const seen = (): Promise<Seen> => desktop.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trial-'));
  const files = {
    'main.mjs': MAIN,
    'preload.cjs': PRELOAD,
    'helper.mjs': HELPER,
    'package.json': '{"main":"main.mjs"}',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  desktop = await openDesktop({ appFolder: folder, args: [`--profile=${folder}`] });
  process.stderr.write(`This contract was tried on ${desktop.runsOn}.\n`);
});
afterAll(async () => {
  await desktop[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('a page gets a port through its preload script, and bytes cross it as bytes', async () => {
  const page = await desktop.page();
  await expect.poll(() => page.evaluate('globalThis.heard?.length')).toBe(2);
  expect(await page.evaluate('heard')).toEqual([{ text: 'ü', list: [1, null] }, ['bytes', 0, 127, 255]]);
  expect(await seen()).toMatchObject({
    readyBeforeEntryEnded: false,
    messages: [{ text: 'ü', list: [1, null] }, ['bytes', 0, 127, 255]],
    args: [1, 'two'],
    sender: 'trial://app/',
  });
});

test('the preload script lives in a world of its own', async () => {
  const page = await desktop.page();
  expect(await page.evaluate('[typeof secret, typeof require, typeof ipcRenderer]')).toEqual(
    Array(3).fill('undefined'),
  );
});

test('a navigation and a new window are asked about, and refused', async () => {
  const page = await desktop.page();
  await page.evaluate(`open('https://example.com/window'); location.href = 'https://example.com/away'`);
  await expect.poll(async () => (await seen()).navigations).toEqual(['https://example.com/away']);
  expect((await seen()).windows).toEqual(['https://example.com/window']);
  await expect.poll(() => page.title()).toBe('trial');
});

// Not every Chromium tells a port that changed hands of its peer's end, so each side says it before it closes.
test('a last word before a port is closed arrives, either way', async () => {
  const page = await desktop.page();
  await page.evaluate(`port.postMessage('close yours')`);
  await expect.poll(() => page.evaluate('heard.at(-1)')).toBe('a last word');
  await page.evaluate(`heard.length = 0; postMessage('want', location.origin)`);
  await expect.poll(() => page.evaluate('heard.length')).toBe(2);
  await page.evaluate(`port.postMessage('mine is closed'); port.close()`);
  await expect.poll(async () => (await seen()).messages.at(-1)).toBe('mine is closed');
});

test('a page has the permissions that both handlers let it have, and no other', async () => {
  const page = await desktop.page();
  const states = await page.evaluate(`Promise.all(['notifications', 'geolocation', 'camera', 'midi'].map(
    async (name) => (await navigator.permissions.query({ name })).state))`);
  expect(states).toEqual(['granted', 'denied', 'denied', 'denied']);
});

test('a utility process talks over its port, and its output and exit code are heard', async () => {
  const ended = await desktop.evaluate(() => (globalThis as unknown as { fork(): Promise<unknown> }).fork());
  expect(ended).toEqual({ messages: [['one'], ['bytes', 1, 2]], stdout: 'hello', code: 3 });
});
