import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDesktopFixture, type DesktopFixture } from '../support/electron/desktop-fixture.ts';
import { reachState, runOnScreen } from '../support/window/run-on-screen.ts';
import { goToPage } from '../support/window/go-to-page.ts';

let fixture: DesktopFixture;
beforeEach(async () => {
  fixture = await createDesktopFixture();
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** The first run of a data directory, from the window to its end; answers the run. */
async function watchExample(): Promise<string> {
  const desktop = await fixture.open();
  const page = await desktop.page();
  await page.getByText('5 agents survey a small workspace').waitFor();
  await page.getByRole('button', { name: 'Run the example' }).click();
  await reachState(page, 'done');
  const run = runOnScreen(page);
  await run.progress.getByText('5 of 5 agents').waitFor();
  const runId = run.runId();
  // Nothing runs any more: closing the window ends the program, and nobody is asked.
  await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close());
  expect(await desktop.exited).toBe(0);
  return runId;
}

test('first run, the example to its end, quit, start again, open the past run, search its tool output', async () => {
  const runId = await watchExample();
  const desktop = await fixture.open();
  const page = await desktop.page();
  await goToPage(page, 'Runs');
  await page.getByRole('link', { name: 'sample-survey' }).click();
  await reachState(page, 'done');
  const run = runOnScreen(page);
  expect(run.runId()).toBe(runId);
  await run.progress.getByText('5 of 5 agents').waitFor();
  await goToPage(page, 'Search');
  await page.getByLabel('Search everything recorded').fill('outline_file exports');
  const finds = page.getByRole('region', { name: 'Finds in sample-survey' });
  const find = finds.getByRole('link').nth(1);
  const found = (await find.locator('b').first().textContent()) ?? '';
  await find.click();
  await run.agent(found).getByRole('log').getByText('outline_file').first().waitFor();
  expect(run.runId()).toBe(runId);
});
