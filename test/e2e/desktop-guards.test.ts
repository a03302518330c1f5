import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDesktopFixture, type DesktopFixture } from '../support/electron/desktop-fixture.ts';
import type { OpenedDesktop } from '../support/electron/open-desktop.ts';

// What holds when the page is not ours any more: each test puts a page without any policy of its own into the window's place.

let fixture: DesktopFixture;
let desktop: OpenedDesktop;

/** What was asked of the program, and whether it had refused when a listener after its own was asked. */
interface Asked {
  readonly name: string;
  readonly isRefused: boolean;
}

/** What the tests keep in the program. */
interface Kept {
  asked: Asked[];
  opened: string[];
  run(code: string): Promise<unknown>;
}

beforeAll(async () => {
  fixture = await createDesktopFixture();
  desktop = await fixture.open();
  await (await desktop.page()).getByText('Connected').waitFor({ state: 'attached' });
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** Opens a window on `flotilla://app/trial`, where a foreign page is; `/moved` there leads to `/elsewhere`. */
beforeEach(async () => {
  await desktop.evaluate(async ({ BrowserWindow, session, shell }) => {
    const { protocol } = session.defaultSession;
    protocol.unhandle('flotilla');
    protocol.handle('flotilla', (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/moved') return new Response(null, { status: 302, headers: { location: '/elsewhere' } });
      const headers = { 'content-type': 'text/html' };
      return new Response(`<title>${pathname}</title><p>not ours</p>`, { headers });
    });
    for (const window of BrowserWindow.getAllWindows().slice(1)) window.destroy();
    const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true, webviewTag: true } });
    const contents = window.webContents;
    const kept: Kept = { asked: [], opened: [], run: (code) => contents.executeJavaScript(code, true) };
    const listen = (from: { on(name: string, listener: (event: Electron.Event) => void): unknown }, name: string) =>
      from.on(name, ({ defaultPrevented }) => void kept.asked.push({ name, isRefused: defaultPrevented }));
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])
      listen(contents, name);
    listen(contents, 'did-attach-webview');
    listen(session.defaultSession, 'will-download');
    shell.openExternal = async (url) => void kept.opened.push(url);
    (globalThis as { kept?: Kept }).kept = kept;
    await window.loadURL('flotilla://app/trial');
  });
});

const run = (code: string): Promise<unknown> =>
  desktop.evaluate((_electron, text: string) => (globalThis as unknown as { kept: Kept }).kept.run(text), code);
const asked = (): Promise<readonly Asked[]> =>
  desktop.evaluate(() => (globalThis as unknown as { kept: Kept }).kept.asked);
const title = (): Promise<unknown> => run('document.title');

test('no request leaves the page, not even one that no policy of the page forbids', async () => {
  const ask = (url: string) =>
    run(`fetch(${JSON.stringify(url)}, { mode: 'no-cors' }).then(() => 'answered', () => 'refused')`);
  expect(await ask('/own')).toBe('answered');
  expect(await ask('https://example.com/')).toBe('refused');
  expect(await ask('http://example.com/')).toBe('refused');
});

test('nothing is fetched for checking what is written', async () => {
  expect(await desktop.evaluate(({ session }) => session.defaultSession.isSpellCheckerEnabled())).toBe(false);
});

test('nothing is downloaded', async () => {
  await run(`{
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(['text']));
    link.download = 'file.txt';
    link.click();
  }`);
  await expect.poll(asked).toEqual([{ name: 'will-download', isRefused: true }]);
});

test('no device is given to a page, not even one that somebody chose for it', async () => {
  // The real Electron asks only where such a device is plugged in.
  if (desktop.runsOn === 'Electron') return;
  const may = await desktop.evaluate(({ session }) => {
    const asking = session.defaultSession as unknown as { mayUseDevice(details: object): boolean };
    return ['hid', 'serial', 'usb'].map((deviceType) => asking.mayUseDevice({ deviceType, origin: 'flotilla://app' }));
  });
  expect(may).toEqual([false, false, false]);
});

test('a page that is led elsewhere by a redirect stays where it was', async () => {
  await desktop.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()
      .at(-1)!
      .webContents.loadURL('flotilla://app/moved')
      .catch(() => undefined),
  );
  await expect.poll(asked).toEqual([{ name: 'will-redirect', isRefused: true }]);
  expect(await title()).not.toBe('/elsewhere');
});

test('a page gets no guest in it', async () => {
  await run(`{
    const guest = document.createElement('webview');
    guest.setAttribute('src', '/guest');
    document.body.append(guest);
  }`);
  await expect.poll(asked).toEqual([{ name: 'will-attach-webview', isRefused: true }]);
});

test('a frame in a page goes nowhere', async () => {
  await run(`{
    const frame = document.createElement('iframe');
    frame.src = '/frame';
    document.body.append(frame);
  }`);
  await expect.poll(asked).toEqual([{ name: 'will-frame-navigate', isRefused: true }]);
});

test('a page goes nowhere, within the program or outside, and only known addresses open in a browser', async () => {
  for (const url of ['/elsewhere', 'https://example.com/', 'https://github.com/somewhere']) {
    const before = (await asked()).length;
    await run(`void (location.href = ${JSON.stringify(url)})`);
    await expect
      .poll(async () => (await asked()).slice(before))
      .toContainEqual({ name: 'will-navigate', isRefused: true });
    expect(await title()).toBe('/trial');
  }
  const opened = await desktop.evaluate(() => (globalThis as unknown as { kept: Kept }).kept.opened);
  expect(opened).toEqual(['https://github.com/somewhere']);
});
