import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../runtime/time/clock.ts';
import { joinInstance } from '../../main/instance/join-instance.ts';
import { start } from '../integration/cli/command-line.ts';
import { createDesktopFixture, type DesktopFixture, until, waitingFleet } from '../support/electron/desktop-fixture.ts';
import { serveHost } from '../support/window/open-window.ts';
import { goToPage } from '../support/window/go-to-page.ts';

let fixture: DesktopFixture;
beforeEach(async () => {
  fixture = await createDesktopFixture();
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const FLEET = waitingFleet();

/** Which kind of program owns the data directory now. */
async function ownerKind(): Promise<string | undefined> {
  await using client = await joinInstance(fixture.dataDir, systemClock, 'test').catch(() => undefined);
  return client && (await client.calls.app.about({})).host;
}

test('the window shows what a terminal runs, leaves it alone, and takes over when it ends', async () => {
  const path = join(dirname(fixture.dataDir), 'fleet.yaml');
  await mkdir(fixture.dataDir, { recursive: true });
  await writeFile(path, FLEET);
  await using running = start(['run', path, '--json', '--data-dir', fixture.dataDir], {}, 170_000);
  await until(async () => (await ownerKind()) === 'terminal');
  const desktop = await fixture.open();
  const page = await desktop.page();
  await goToPage(page, 'Runs');
  await page.getByRole('link', { name: 'waiting' }).click();
  const heading = page.getByRole('heading', { level: 1 });
  await heading.getByText('running', { exact: true }).waitFor();
  running.kill('SIGINT');
  await running.ended;
  // The page notices by itself, asks for another port, and reads the run from history.
  await heading.getByText('stopped', { exact: true }).waitFor();
  await expect.poll(ownerKind, { timeout: 20_000 }).toBe('desktop');
  await page.getByText('Connected').waitFor({ state: 'attached' });
});

test('a window over the screens of a browser closes without ending them', async () => {
  await using host = await serveHost(fixture.dataDir);
  const desktop = await fixture.open();
  await (await desktop.page()).getByText('Connected').waitFor({ state: 'attached' });
  expect(await ownerKind()).toBe('serve');
  await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close());
  expect(await desktop.exited).toBe(0);
  expect(await ownerKind()).toBe('serve');
  expect(host.process.stdout()).toContain('serve.ready');
});
