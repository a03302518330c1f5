import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDataDir, openPage, type ServedHost, serveHost, useBrowser } from '../support/window/open-window.ts';

/** The code of the page of runs, by the name of its file. */
const RUNS_CODE = '**/assets/runs-view-*.js';

/** Words that only the code of the text editor and of Markdown has. */
const EDITOR_CODE = 'cm-content';
const MARKDOWN_CODE = 'thematicBreak';

/** What a browser says of a file that it did not get. */
const OF_THE_NETWORK = /Failed to load resource|net::ERR_/;

const open = new AsyncDisposableStack();
let browser: Awaited<ReturnType<typeof useBrowser>>;
let host: ServedHost;

beforeAll(async () => {
  browser = open.use(await useBrowser());
  const data = open.use(await createDataDir());
  host = open.use(await serveHost(data.path));
});
afterAll(() => open.disposeAsync());

test('the first page comes without the code of the editor and of Markdown', async () => {
  await using opened = await openPage(browser.browser, 'about:blank');
  const { page } = opened;
  const fetched: Promise<string>[] = [];
  page.on('response', (response) => {
    // One that is still on its way when the page closes has no text.
    if (response.url().endsWith('.js')) fetched.push(response.text().catch(() => ''));
  });
  await page.goto(await host.anotherUrl());
  await firstPage(page).waitFor();
  const scripts = await Promise.all(fetched);
  expect(scripts.length).toBeGreaterThan(1);
  expect(scripts.filter((text) => text.includes(EDITOR_CODE) || text.includes(MARKDOWN_CODE))).toEqual([]);
  // The rest is fetched ahead, by itself.
  await expect.poll(async () => (await Promise.all(fetched)).some((text) => text.includes(EDITOR_CODE))).toBe(true);
  expect((await Promise.all(fetched)).some((text) => text.includes(MARKDOWN_CODE))).toBe(true);
  expect(opened.complaints).toEqual([]);
});

test('while a page is on its way the one before stays, with the focus and its keys', async () => {
  await using opened = await openPage(browser.browser, 'about:blank');
  const { page } = opened;
  const held = Promise.withResolvers<Route>();
  await page.route(RUNS_CODE, (route) => held.resolve(route));
  await page.goto(await host.anotherUrl());
  const example = firstPage(page);
  await example.waitFor();
  await example.focus();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  const route = await held.promise;
  await expect.poll(() => page.url()).toMatch(/#\/runs$/);
  expect(await example.isVisible()).toBe(true);
  expect(await example.evaluate((element) => document.activeElement === element)).toBe(true);
  await route.continue();
  await heading(page, 'Runs').waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  expect(opened.complaints).toEqual([]);
});

test('a page that does not come says why and how to go on, and the others go on working', async () => {
  await using opened = await openPage(browser.browser, 'about:blank');
  const { page } = opened;
  await page.route(RUNS_CODE, (route) => route.abort());
  await page.goto(await host.anotherUrl());
  await firstPage(page).waitFor();
  const to = page.getByRole('navigation', { name: 'Pages' });
  await to.getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('alert').getByText('This page did not come').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('alert').getByText('This page did not come').waitFor();
  await to.getByRole('link', { name: 'Settings' }).click();
  await heading(page, 'Settings').waitFor();
  await to.getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('alert').getByText('This page did not come').waitFor();
  await page.unroute(RUNS_CODE);
  await page.getByRole('button', { name: 'Try again' }).click();
  await heading(page, 'Runs').waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  expect(opened.complaints.filter((line) => !OF_THE_NETWORK.test(line))).toEqual([]);
});

/** What stands first where nothing was run yet. */
function firstPage(page: Page) {
  return page.getByRole('button', { name: 'Run the example' });
}

function heading(page: Page, name: string) {
  return page.getByRole('heading', { level: 1, name });
}
