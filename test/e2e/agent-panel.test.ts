import { dirname } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDataDir, openPage, serveHost, useBrowser } from '../support/window/open-window.ts';
import { launchFleet, type RunOnScreen } from '../support/window/run-on-screen.ts';
import { openSlowProvider, type SlowProvider } from '../support/window/slow-fleet.ts';

/** So slow that an agent stays at work while it is looked at. */
const FIRST_TOKEN_MS = 400;

const AGENT = 'lister-04';

const open = new AsyncDisposableStack();
let browser: Awaited<ReturnType<typeof useBrowser>>;
let provider: SlowProvider;

beforeAll(async () => {
  browser = open.use(await useBrowser());
  provider = open.use(await openSlowProvider(FIRST_TOKEN_MS));
});
afterAll(() => open.disposeAsync());

test('the open agent of a live run has its name and what closes it in one line, says in full what it waits for, and leaves no scrollbar', async () => {
  await using data = await createDataDir();
  const fleet = { name: 'slow', agents: 40, concurrentAgents: 12, calls: 200 };
  const path = await provider.writeFleet(dirname(data.path), fleet);
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  await page.getByRole('button', { name: 'Run the example' }).waitFor();
  const run = await launchFleet(page, path);
  await run.row(AGENT).click();
  const panel = run.agent(AGENT);
  await panel.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  await panel.getByText('permit of the provider').waitFor();
  for (const width of [1280, 1024]) {
    await page.setViewportSize({ width, height: 800 });
    await expectLaidOut(run, panel);
  }
  await panel.getByRole('button', { name: 'Pause', exact: true }).click();
  await panel.getByRole('button', { name: 'Resume', exact: true }).waitFor();
  await expectLaidOut(run, panel);
  expect(opened.complaints).toEqual([]);
});

async function expectLaidOut(run: RunOnScreen, panel: Locator): Promise<void> {
  const name = await middleOf(panel.getByRole('heading', { name: AGENT }));
  const close = await middleOf(panel.getByRole('button', { name: 'Close agent' }));
  expect(Math.abs(name - close)).toBeLessThan(6);
  expect(await isCut(panel.getByText('permit of the provider'))).toBe(false);
  await expect.poll(() => findSidewaysScroll(run.grid)).toEqual([]);
}

async function middleOf(one: Locator): Promise<number> {
  const box = (await one.boundingBox())!;
  return box.y + box.height / 2;
}

async function isCut(one: Locator): Promise<boolean> {
  return one.evaluate((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0);
}

/** What can be scrolled sideways of the table and the frames around it. */
async function findSidewaysScroll(grid: Locator): Promise<string[]> {
  return grid.evaluate((element) => {
    const found: string[] = [];
    const all = [element, ...element.querySelectorAll('*')];
    for (let around = element.parentElement; around; around = around.parentElement) all.push(around);
    for (const one of all) {
      const { overflowX } = getComputedStyle(one);
      if ((overflowX === 'auto' || overflowX === 'scroll') && one.scrollWidth > one.clientWidth)
        found.push(`${one.className}: ${one.scrollWidth} in ${one.clientWidth}`);
    }
    return found;
  });
}
