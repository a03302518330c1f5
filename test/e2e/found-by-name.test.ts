import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDataDir, openPage, serveHost, useBrowser } from '../support/window/open-window.ts';
import { reachState, runOnScreen } from '../support/window/run-on-screen.ts';
import { goToPage } from '../support/window/go-to-page.ts';

const AGENT = 'shared-01';

let browser: Awaited<ReturnType<typeof useBrowser>>;

beforeAll(async () => {
  browser = await useBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

test('agents are found by name, what was found is in sight, and history says its size at once and by table when asked', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  await page.getByRole('button', { name: 'Run the example' }).click();
  await reachState(page, 'done');
  const run = runOnScreen(page);
  const runId = run.runId();

  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Palette' });
  await palette.getByRole('combobox').fill(AGENT);
  await palette.getByRole('group', { name: 'Agents of this run' }).getByRole('option').first().waitFor();
  // The best is the one that Enter takes, though it came after the first look.
  await page.keyboard.press('Enter');
  await palette.waitFor({ state: 'detached' });
  await run.agent(AGENT).getByRole('log').waitFor();

  await goToPage(page, 'Search');
  const field = page.getByLabel('Search everything recorded');
  await field.fill('ARED-0');
  const agents = page.getByRole('region', { name: 'Agents by name' }).getByRole('link');
  await expect.poll(() => agents.count()).toBe(6);
  await page.getByRole('button', { name: 'More agents' }).click();
  await expect.poll(() => agents.count()).toBe(9);
  await agents.filter({ hasText: AGENT }).click();
  await run.agent(AGENT).getByRole('log').waitFor();
  expect(run.runId()).toBe(runId);

  await page.goBack();
  await findInPalette(page, AGENT, 'Agents');
  await run.agent(AGENT).getByRole('log').waitFor();

  await goToPage(page, 'Search');
  await field.fill('exports');
  await page.getByRole('region', { name: 'Finds in repo-survey' }).getByRole('link').nth(20).waitFor();
  for (const width of [1280, 800]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await findHiddenMarks(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  await goToPage(page, 'Settings');
  await page.getByRole('tab', { name: 'Data' }).click();
  const sizes = page.getByRole('region', { name: 'Size of history' });
  await sizes.getByText('on disk').waitFor();
  expect(await sizes.getByRole('table').count()).toBe(0);
  await sizes.getByRole('button', { name: 'By table' }).click();
  await sizes.getByRole('cell', { name: 'tool_calls' }).waitFor();
  expect(opened.complaints).toEqual([]);
});

async function findInPalette(page: Page, name: string, heading: string): Promise<void> {
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Palette' });
  await palette.getByRole('combobox').fill(name);
  const group = palette.getByRole('group', { name: heading, exact: true });
  await group.getByRole('option', { name: `Open agent ${name}` }).click();
  await palette.waitFor({ state: 'detached' });
}

/** Finds none of whose words is in the part of the text that is shown. */
async function findHiddenMarks(page: Page): Promise<string[]> {
  return page
    .getByRole('region', { name: /^Finds in/ })
    .locator('a:has(mark)')
    .evaluateAll((links) =>
      links
        .filter((link) => {
          const mark = link.querySelector('mark');
          const frame = mark?.parentElement?.getBoundingClientRect();
          const at = mark?.getBoundingClientRect();
          return !frame || !at || at.top < frame.top - 1 || at.bottom > frame.bottom + 1;
        })
        .map((link) => link.textContent ?? ''),
    );
}
