import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  answerClosing,
  createDesktopFixture,
  type DesktopFixture,
  until,
  waitingFleet,
} from '../support/electron/desktop-fixture.ts';
import type { OpenedDesktop } from '../support/electron/open-desktop.ts';

let fixture: DesktopFixture;
beforeEach(async () => {
  fixture = await createDesktopFixture();
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** What a test keeps in the program. */
interface Watched {
  words: string;
  labels: string[];
  awake: number[];
  click(label: string): void;
}

/** Looks at what the tray is told from now on, and at what keeps the machine awake. */
async function watchTray(desktop: OpenedDesktop): Promise<() => Promise<Omit<Watched, 'click'>>> {
  await desktop.evaluate(({ Tray, powerSaveBlocker }) => {
    const clicks = new Map<string, () => void>();
    const watched: Watched = { words: '', labels: [], awake: [], click: (label) => clicks.get(label)?.() };
    (globalThis as { watched?: Watched }).watched = watched;
    Tray.prototype.setToolTip = (text) => void (watched.words = text);
    Tray.prototype.setContextMenu = (menu) => {
      clicks.clear();
      for (const item of menu?.items ?? [])
        if (item.enabled && item.label !== '') clicks.set(item.label, () => item.click());
      watched.labels = [...clicks.keys()];
    };
    const start = powerSaveBlocker.start.bind(powerSaveBlocker);
    const stop = powerSaveBlocker.stop.bind(powerSaveBlocker);
    powerSaveBlocker.start = (type) => {
      const id = start(type);
      watched.awake.push(id);
      return id;
    };
    powerSaveBlocker.stop = (id) => {
      watched.awake = watched.awake.filter((other) => other !== id);
      return stop(id);
    };
  });
  return () =>
    desktop.evaluate(() => {
      const { words, labels, awake } = (globalThis as unknown as { watched: Watched }).watched;
      return { words, labels, awake };
    });
}

function click(desktop: OpenedDesktop, label: string): Promise<void> {
  return desktop.evaluate((_electron, wanted: string) => {
    (globalThis as unknown as { watched: Watched }).watched.click(wanted);
  }, label);
}

test('the tray counts what runs, stops it and quits; the machine stays awake as long', async () => {
  const desktop = await fixture.open();
  await (await desktop.page()).getByText('Connected').waitFor({ state: 'attached' });
  const tray = await watchTray(desktop);
  await using client = await fixture.joinOwner();
  const path = join(fixture.dataDir, 'fleet.yaml');
  await client.calls.fleets.launch({ path, text: waitingFleet('waiting', ''), overrides: {} });
  await until(async () => (await tray()).words === 'Flotilla: 1 run, 2 agents working');
  await until(async () => (await tray()).awake.length === 1);
  expect((await tray()).labels).toEqual(['Show the window', 'Stop all runs', 'Quit Flotilla']);
  await click(desktop, 'Stop all runs');
  await until(async () => (await tray()).words === 'Flotilla: Nothing runs');
  await until(async () => (await tray()).awake.length === 0);
  expect((await tray()).labels).toEqual(['Show the window', 'Quit Flotilla']);
  expect((await client.calls.runs.list({})).runs).toMatchObject([{ state: 'stopped' }]);
  // What has ended is no reason to ask.
  await click(desktop, 'Quit Flotilla');
  expect(await desktop.exited).toBe(0);
});

test('the theme that was chosen is that of the window, now and after a restart', async () => {
  const theme = (desktop: OpenedDesktop) => desktop.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
  const first = await fixture.open();
  await first.page();
  expect(await theme(first)).toBe('system');
  const client = await fixture.joinOwner();
  await client.calls.app.setPreferences({ theme: 'light' });
  await until(async () => (await theme(first)) === 'light');
  await client[Symbol.asyncDispose]();
  first.kill('SIGTERM');
  expect(await first.exited).toBe(0);
  const second = await fixture.open();
  await second.page();
  expect(await theme(second)).toBe('light');
});

test('a page gets no permission, whatever it asks for', async () => {
  const desktop = await fixture.open();
  const page = await desktop.page();
  await page.getByText('Connected').waitFor({ state: 'attached' });
  const states =
    await page.evaluate(`Promise.all(['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read']
    .map(async (name) => (await navigator.permissions.query({ name })).state))`);
  expect(states).toEqual(Array(6).fill('denied'));
  expect(await page.evaluate('Notification.requestPermission()')).toBe('denied');
});

test('a question before quitting is taken at its word, and a program that will not end is ended', async () => {
  const desktop = await fixture.open();
  await (await desktop.page()).getByText('Connected').waitFor({ state: 'attached' });
  await using client = await fixture.joinOwner();
  await client.calls.settings.set({ values: { 'agents.stopDeadlineMs': 200 }, by: 'screen' });
  const path = join(fixture.dataDir, 'fleet.yaml');
  const stubborn = waitingFleet('stubborn', 'process.on("SIGTERM", () => {});');
  await client.calls.fleets.launch({ path, text: stubborn, overrides: {} });
  const quit = (button: string) => answerClosing(desktop, 'quit', button);
  expect(await quit('Cancel')).toEqual(['Stop and quit', 'Cancel']);
  // A box that is closed in another way than by its buttons changes nothing either.
  await quit('no such button');
  expect((await client.calls.runs.list({})).runs).toMatchObject([{ state: 'running' }]);
  await quit('Stop and quit');
  expect(await desktop.exited).toBe(0);
});

test('a signal to end is no question: what runs is stopped, and kept as stopped', async () => {
  const desktop = await fixture.open();
  await (await desktop.page()).getByText('Connected').waitFor({ state: 'attached' });
  const client = await fixture.joinOwner();
  const path = join(fixture.dataDir, 'fleet.yaml');
  const { runId } = await client.calls.fleets.launch({ path, text: waitingFleet(), overrides: {} });
  await until(async () => (await client.calls.runs.get({ runId })).run.agentsRunning === 2);
  await client[Symbol.asyncDispose]();
  desktop.kill('SIGTERM');
  expect(await desktop.exited).toBe(0);
  const again = await fixture.open();
  await again.page();
  await using next = await fixture.joinOwner();
  expect(await next.calls.runs.get({ runId })).toMatchObject({ isLive: false, run: { state: 'stopped' } });
});

test('a keychain that does not answer keeps nothing: what everybody can read is no secret', async () => {
  // What the real Electron encrypts with is the machine's own affair.
  const desktop = await fixture.open({ OPENAI_API_KEY: '', STAND_IN_KEYCHAIN: 'silent' });
  await desktop.page();
  if (desktop.runsOn === 'Electron') return;
  await using client = await fixture.joinOwner();
  const keeping = client.calls.providers.setKey({ name: 'openai', key: 'sk-secret-of-this-test-0123456789' });
  await expect(keeping).rejects.toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' });
  const { providers } = await client.calls.providers.list({});
  expect(providers.find(({ name }) => name === 'openai')).toMatchObject({ key: 'missing' });
});
