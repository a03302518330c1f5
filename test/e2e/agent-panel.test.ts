import { dirname } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDataDir, openPage, serveHost, useBrowser } from '../support/window/open-window.ts';
import { writeLargeFleet } from '../support/window/large-fleet.ts';
import { launchFleet, reachState, type RunOnScreen } from '../support/window/run-on-screen.ts';
import { openSlowProvider, type SlowProvider } from '../support/window/slow-fleet.ts';

/** So slow that an agent stays at work while it is looked at. */
const FIRST_TOKEN_MS = 400;

/** Longer than a stop waits for a turn. */
const SLOW_TOKEN_MS = 30_000;

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
  await panel.getByRole('region', { name: 'Where its time went' }).locator('summary').click();
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

test('a find leads to the entry it stands in: unfolded, marked and in sight, though it is on an earlier page of the log; the log has most of the panel', async () => {
  await using data = await createDataDir();
  const folder = dirname(data.path);
  const path = await writeLargeFleet(folder, { agents: 2, concurrentAgents: 2, callsPerAgent: 300 });
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  await page.getByRole('button', { name: 'Run the example' }).waitFor();
  const run = await launchFleet(page, path);
  await reachState(page, 'done');
  await page.goto(new URL(`#/runs/${run.runId()}/agents/1/call-2`, page.url()).href);
  const panel = run.agent('reader-2');
  const found = panel.locator('[aria-current="location"]');
  await found.getByText('Output').waitFor();
  const log = panel.getByRole('log');
  await expect.poll(async () => (await topOf(found)) - (await topOf(log))).toBeLessThan(40);
  expect(await topOf(found)).toBeGreaterThanOrEqual((await topOf(log)) - 1);
  expect(await heightOf(log)).toBeGreaterThan((await heightOf(panel)) / 2);
  await page.goto(new URL(`#/search/${encodeURIComponent('Call read_file exactly')}`, page.url()).href);
  await page.getByRole('link', { name: /reader-1.*prompt/ }).click();
  await run.agent('reader-1').locator('[aria-current="location"]').getByText('Call read_file exactly').last().waitFor();
  expect(opened.complaints).toEqual([]);
});

test('an agent that is asked to stop says that it is stopping until its turn has ended, and can be cut off', async () => {
  await using slower = await openSlowProvider(SLOW_TOKEN_MS);
  await using data = await createDataDir();
  const fleet = { name: 'slower', agents: 3, concurrentAgents: 2, calls: 200 };
  const path = await slower.writeFleet(dirname(data.path), fleet);
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  await page.getByRole('button', { name: 'Run the example' }).waitFor();
  const run = await launchFleet(page, path);
  await run.row('lister-1').click();
  const panel = run.agent('lister-1');
  await panel.getByText('turn 1 of').waitFor();
  await panel.getByRole('button', { name: 'Stop…', exact: true }).click();
  await page.getByRole('button', { name: 'Stop agent' }).click();
  await run.row('lister-1').getByText('stopping', { exact: true }).waitFor();
  expect(await panel.getByRole('button', { name: 'Pause', exact: true }).count()).toBe(0);
  await panel.getByRole('button', { name: 'Stop now', exact: true }).click();
  await run.row('lister-1').getByText('stopped', { exact: true }).waitFor();
  expect(opened.complaints).toEqual([]);
});

async function topOf(one: Locator): Promise<number> {
  return (await one.boundingBox())!.y;
}

async function heightOf(one: Locator): Promise<number> {
  return (await one.boundingBox())!.height;
}

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
