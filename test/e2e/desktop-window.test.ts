import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { APP_FOLDER } from '../../scripts/build/build-app.ts';
import {
  answerClosing,
  createDesktopFixture,
  type DesktopFixture,
  until,
  waitingFleet,
} from '../support/electron/desktop-fixture.ts';

let fixture: DesktopFixture;
beforeEach(async () => {
  fixture = await createDesktopFixture();
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const FLEET = waitingFleet();

test('the window is sandboxed, shows the screens, and its page has a port and nothing else', async () => {
  const desktop = await fixture.open();
  const page = await desktop.page();
  await page.getByText('Connected').waitFor({ state: 'attached' });
  const flags = await desktop.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    // Undocumented, and the only way to see what a window was really created with.
    const contents = window!.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    return contents.getLastWebPreferences();
  });
  expect(flags).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    // Of a packaged one there are none.
    devTools: true,
  });
  const reachable = await page.evaluate(() =>
    ['require', 'process', 'module', 'ipcRenderer', 'electron', 'Buffer'].filter((name) => name in globalThis),
  );
  expect(reachable).toEqual([]);
});

test('the page stays where it is: no navigation, no window, no permission, no request outside', async () => {
  const desktop = await fixture.open();
  const page = await desktop.page();
  await page.getByText('Connected').waitFor({ state: 'attached' });
  await desktop.evaluate(({ shell }) => {
    const opened: string[] = [];
    (globalThis as { opened?: string[] }).opened = opened;
    shell.openExternal = async (url) => void opened.push(url);
  });
  const before = page.url();
  await page.evaluate(() => {
    const { open, location } = globalThis as unknown as { open: (url: string) => void; location: { href: string } };
    open('https://example.com/window');
    open('https://github.com/window');
    open('http://github.com/insecure');
    location.href = 'https://example.com/navigation';
  });
  const opened = () => desktop.evaluate(() => (globalThis as { opened?: string[] }).opened ?? []);
  await until(async () => (await opened()).length > 0);
  expect(await opened()).toEqual(['https://github.com/window']);
  expect(page.url()).toBe(before);
  expect(await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  const outside = await page.evaluate(() =>
    fetch('https://example.com/').then(
      () => 'answered',
      () => 'refused',
    ),
  );
  expect(outside).toBe('refused');
});

test('a frame that is not the page gets no port', async () => {
  const desktop = await fixture.open();
  await (await desktop.page()).getByText('Connected').waitFor({ state: 'attached' });
  const handed = await desktop.evaluate(({ BrowserWindow, ipcMain }) => {
    const [window] = BrowserWindow.getAllWindows();
    let count = 0;
    const frame = (url: string, parent: object | null) => ({ url, parent, postMessage: () => count++ });
    const ask = (sender: unknown, senderFrame: unknown) =>
      ipcMain.emit('flotilla.want-port', { sender, senderFrame, ports: [] });
    ask(window!.webContents, frame('https://example.com/', null));
    ask(window!.webContents, frame('flotilla://app.example.com/', null));
    ask(window!.webContents, frame('flotilla://app/', {}));
    ask({}, frame('flotilla://app/', null));
    ask(window!.webContents, null);
    const foreign = count;
    ask(window!.webContents, frame('flotilla://app/', null));
    return { foreign, own: count };
  });
  expect(handed).toEqual({ foreign: 0, own: 1 });
});

test('a window that ends is loaded anew, and the run goes on', async () => {
  const desktop = await fixture.open();
  const page = await desktop.page();
  await page.getByText('Connected').waitFor({ state: 'attached' });
  await using client = await fixture.joinOwner();
  const { runId } = await client.calls.fleets.launch({
    path: join(fixture.dataDir, 'fleet.yaml'),
    text: FLEET,
    overrides: {},
  });
  const before = await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.id);
  await desktop.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer(),
  );
  await until(async () => page.isClosed());
  await (await desktop.page()).getByText('Connected').waitFor({ state: 'attached' });
  expect(await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.id)).toBe(before);
  const { runs } = await client.calls.runs.list({});
  expect(runs.map((run) => run.runId)).toContain(runId);
});

test('a second start brings the first to the front and ends', async () => {
  const first = await fixture.open();
  await (await first.page()).getByText('Connected').waitFor({ state: 'attached' });
  await first.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const focus = window!.focus.bind(window);
    (globalThis as { focused?: number }).focused = 0;
    window!.focus = () => {
      (globalThis as { focused?: number }).focused! += 1;
      focus();
    };
  });
  const second = await fixture.open();
  expect(await second.exited).toBe(0);
  await until(async () => (await first.evaluate(() => (globalThis as { focused?: number }).focused)) === 1);
});

test('a key that is kept is in no file in clear, and survives a restart', async () => {
  const key = 'sk-secret-of-this-test-0123456789';
  const first = await fixture.open({ OPENAI_API_KEY: '' });
  await first.page();
  const client = await fixture.joinOwner();
  await client.calls.providers.setKey({ name: 'openai', key });
  await client[Symbol.asyncDispose]();
  first.kill('SIGTERM');
  expect(await first.exited).toBe(0);
  const files = await readdir(fixture.dataDir, { recursive: true, withFileTypes: true });
  const inClear: string[] = [];
  for (const { parentPath, name } of files.filter((entry) => entry.isFile())) {
    if ((await readFile(join(parentPath, name), 'latin1')).includes(key)) inClear.push(name);
  }
  expect(inClear).toEqual([]);
  const second = await fixture.open({ OPENAI_API_KEY: '' });
  await second.page();
  await using again = await fixture.joinOwner();
  const { providers } = await again.calls.providers.list({});
  expect(providers.find(({ name }) => name === 'openai')).toMatchObject({ key: 'kept' });
});

test('helpers are utility processes, and a fleet runs to its end with them', async () => {
  const desktop = await fixture.open();
  await desktop.page();
  await using client = await fixture.joinOwner();
  const path = join(APP_FOLDER, 'examples', 'sample-survey.yaml');
  const { runId } = await client.calls.fleets.launch({ path, overrides: {} });
  const services = (): Promise<(readonly [number, string | undefined])[]> =>
    desktop.evaluate(({ app }) =>
      app
        .getAppMetrics()
        .flatMap(({ pid, type, serviceName, name }) =>
          type === 'Utility' ? [[pid, `${serviceName} ${name}`] as const] : [],
        ),
    );
  const has = async (name: string): Promise<boolean> =>
    (await services()).some(([, service]) => service?.includes(name));
  await until(async () => (await has('flotilla-launcher')) && (await has('flotilla-simulator')));
  // A shipped Electron is no Node: a helper that was started in any other way would not run there.
  const known = new Set((await services()).map(([pid]) => pid));
  const { stdout } = spawnSync('ps', ['-eo', 'ppid=,pid=,args='], { encoding: 'utf8' });
  const children = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)?.slice(1) ?? []);
  const others = children.filter(([ppid, pid]) => Number(ppid) === desktop.pid && !known.has(Number(pid)));
  expect(others.filter(([, , args = '']) => /process\.js|launcher/.test(args))).toEqual([]);
  await until(async () => !(await client.calls.runs.get({ runId })).isLive);
  expect(await client.calls.runs.get({ runId })).toMatchObject({ run: { state: 'done', agentsDone: 5 } });
});

test('closing the window while runs are live asks, and keeps them in the tray or stops them', async () => {
  const desktop = await fixture.open();
  const page = await desktop.page();
  await page.getByText('Connected').waitFor({ state: 'attached' });
  await using client = await fixture.joinOwner();
  await client.calls.fleets.launch({ path: join(fixture.dataDir, 'fleet.yaml'), text: FLEET, overrides: {} });
  const close = (button: string) => answerClosing(desktop, 'close', button);
  expect(await close('Cancel')).toEqual(['Keep running in the tray', 'Stop and quit', 'Cancel']);
  const windows = () => desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
  expect(await windows()).toBe(1);
  await close('Keep running in the tray');
  await until(async () => (await windows()) === 0);
  expect((await client.calls.runs.list({})).runs).toHaveLength(1);
  expect(await client.calls.app.show({})).toEqual({ shown: true });
  await until(async () => (await windows()) === 1);
  await close('Stop and quit');
  expect(await desktop.exited).toBe(0);
});
