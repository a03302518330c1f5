import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getRun } from '../support/window/ask-host.ts';
import { createDataDir, openPage, serveHost, useBrowser } from '../support/window/open-window.ts';
import { reachState, runOnScreen } from '../support/window/run-on-screen.ts';

/** Further than this no one wants to press Tab on any page. */
const MAX_TABS = 60;

let browser: Awaited<ReturnType<typeof useBrowser>>;

beforeAll(async () => {
  browser = await useBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

test('the example is launched, watched, read, found again and searched without a pointer', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  await page.getByRole('button', { name: 'Run the example' }).waitFor();

  await page.keyboard.press('Tab');
  await expectFocus(page.getByRole('link', { name: 'Skip to the page' }));
  await page.keyboard.press('Enter');
  await expectFocus(page.getByRole('main'));
  await page.keyboard.press('Tab');
  await expectFocus(page.getByRole('button', { name: 'Run the example' }));
  await page.keyboard.press('Enter');
  await reachState(page, 'done');
  await expectSomeFocus(page);

  const run = runOnScreen(page);
  const runId = run.runId();
  await tabTo(page, run.grid);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expectCursor(run.grid, 'shared-02');
  await page.keyboard.press('End');
  await expectCursor(run.grid, 'main-24');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await run.agent('shared-01').getByRole('log').getByText('outline_file').first().waitFor();
  await expectFocus(run.grid);
  await page.keyboard.press('Escape');
  await run.agent('shared-01').waitFor({ state: 'detached' });
  await expectFocus(run.grid);

  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).getByText('Find an action').waitFor();
  await expectSomeFocus(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expectSomeFocus(page);

  await press(page, 'g', 'r');
  await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
  await expectSomeFocus(page);
  await tabTo(page, page.getByRole('main').getByRole('link', { name: 'repo-survey' }));
  await page.keyboard.press('Enter');
  await reachState(page, 'done');
  expect(run.runId()).toBe(runId);

  await page.keyboard.press('/');
  await expectFocus(page.getByLabel('Search everything recorded'));
  await page.keyboard.type('outline_file exports');
  const find = page.getByRole('region', { name: 'Finds in repo-survey' }).getByRole('link').nth(1);
  await find.waitFor();
  await tabTo(page, find);
  const found = (await find.locator('b').first().textContent()) ?? '';
  await page.keyboard.press('Enter');
  await run.agent(found).getByRole('log').getByText('outline_file').first().waitFor();
  await expectSomeFocus(page);
  expect(opened.complaints).toEqual([]);
});

test('a fleet is written and launched from its text without a pointer; the text is left with Escape and Tab', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).waitFor();
  await press(page, 'Tab', 'Enter');
  await expectFocus(page.getByRole('main'));
  await page.keyboard.press('Control+k');
  await expectFocus(page.getByPlaceholder(/type what to do/));
  await page.keyboard.type('new fleet');
  await page
    .getByRole('option', { name: /^New fleet/ })
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
  const text = page.getByRole('textbox', { name: /^Fleet file/ });
  await text.waitFor();
  await expectSomeFocus(page);
  await tabTo(page, text);
  await page.keyboard.press('Control+End');
  await page.keyboard.type('# mine');
  await page.getByText('not saved').waitFor();
  await page.getByRole('status').filter({ hasText: 'No mistakes' }).waitFor();
  await page.getByRole('button', { name: /^Launch/, disabled: false }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expectFocus(page.getByRole('button', { name: /^Launch/ }));
  await page.keyboard.press('Shift+Tab');
  await expectFocus(text);
  await page.keyboard.press('Control+Enter');
  await reachState(page, 'done');
  await expectSomeFocus(page);
  const { run } = await getRun(data.path, runOnScreen(page).runId());
  expect(run).toMatchObject({ fleet: 'my-fleet', state: 'done', agentsDone: 3 });
  expect(opened.complaints).toEqual([]);
});

/** Keys one after the other. */
async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Goes on with Tab until `wanted` has the focus; on the way it is never lost for longer than the page's edge. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  for (let tabs = 0; tabs < MAX_TABS; tabs++) {
    if (await isFocused(wanted)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${MAX_TABS} times Tab did not come to ${String(wanted)}.`);
}

/** In a shadow tree too: there the document only knows its host. */
function isFocused(wanted: Locator): Promise<boolean> {
  return wanted.evaluate((element) => (element.getRootNode() as Document | ShadowRoot).activeElement === element);
}

async function expectFocus(wanted: Locator): Promise<void> {
  await wanted.waitFor();
  await expect.poll(() => isFocused(wanted)).toBe(true);
}

/** After a step the next key goes somewhere: what had the focus did not just vanish. */
async function expectSomeFocus(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
}

/** The row that the grid names as the one its cursor is on. */
async function expectCursor(grid: Locator, agent: string): Promise<void> {
  await expect
    .poll(async () => {
      const id = await grid.getAttribute('aria-activedescendant');
      return id === null ? '' : await grid.locator(`[id="${id}"] [role="gridcell"]`).first().textContent();
    })
    .toBe(agent);
}
