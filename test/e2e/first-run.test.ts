import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getRun } from '../support/window/ask-host.ts';
import { createDataDir, openPage, serveHost, useBrowser } from '../support/window/open-window.ts';
import { reachState, runOnScreen } from '../support/window/run-on-screen.ts';
import { goToPage } from '../support/window/go-to-page.ts';

const FIGURES = 6;
const AGENT = 'shared-01';

let browser: Awaited<ReturnType<typeof useBrowser>>;

beforeAll(async () => {
  browser = await useBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

test('one click runs the example; after a restart the run is found, read and searched', async () => {
  await using data = await createDataDir();
  const runId = await watchExample(data.path);

  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page, complaints } = opened;
  await goToPage(page, 'Runs');
  await page.getByRole('link', { name: 'repo-survey' }).click();
  const run = runOnScreen(page);
  await reachState(page, 'done');
  expect(run.runId()).toBe(runId);
  await run.progress.getByText('72 of 72 agents').waitFor();
  await readAgent(page);

  await goToPage(page, 'Search');
  await page.getByLabel('Search everything recorded').fill('outline_file exports');
  const find = page.getByRole('region', { name: 'Finds in repo-survey' }).getByRole('link').nth(1);
  const found = (await find.locator('b').first().textContent()) ?? '';
  await find.click();
  await run.agent(found).getByRole('log').getByText('outline_file').first().waitFor();
  expect(run.runId()).toBe(runId);
  expect(complaints).toEqual([]);
});

/** The first run of a data directory, to its end and the host's; answers the run. */
async function watchExample(dataDir: string): Promise<string> {
  await using host = await serveHost(dataDir);
  let runId: string;
  {
    await using opened = await openPage(browser.browser, host.url);
    const { page, complaints } = opened;
    await page.getByRole('button', { name: 'Run the example' }).click();
    const run = runOnScreen(page);
    await reachState(page, 'done');
    await run.progress.getByText('72 of 72 agents').waitFor();
    runId = run.runId();
    expect((await getRun(dataDir, runId)).run).toMatchObject({ state: 'done', agents: 72, agentsDone: 72 });
    expect(await page.locator('section[aria-label]:has(canvas)').count()).toBe(FIGURES);
    expect(await run.grid.getAttribute('aria-rowcount')).toBe('73');
    await run.row(AGENT).click();
    await readAgent(page);
    expect(complaints).toEqual([]);
  }
  host.process.kill('SIGTERM');
  expect((await host.process.ended).code).toBe(0);
  return runId;
}

/** An agent's log with a tool call unfolded, and where its time went. */
async function readAgent(page: Page): Promise<void> {
  const run = runOnScreen(page);
  const agent = run.agent(AGENT);
  if (!(await agent.isVisible())) await run.row(AGENT).click();
  const call = agent
    .getByRole('log')
    .getByRole('group')
    .filter({ has: page.getByText('outline_file', { exact: true }) });
  await call.getByText('outline_file', { exact: true }).click();
  await call.getByRole('figure').filter({ hasText: 'Output' }).getByText(/lines/).first().waitFor();
  const times = agent.getByRole('region', { name: 'Where its time went' });
  await times.getByRole('img', { name: /asking \d+%, tools \d+%/ }).waitFor();
  const share = times.getByText(/outline_file × 1/);
  // A low window shows the shares in one line until somebody wants more.
  if (!(await share.isVisible())) await times.getByTitle('How long, and with what').click();
  await share.waitFor();
}

test('a mistake is underlined and listed; its quick fix is taken, the fleet saved and launched', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page, complaints } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  const text = page.getByRole('textbox', { name: /^Fleet file/ });
  await text.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(FLEET.replace('list_files,', 'list_file,'));
  const mistakes = page.getByRole('list', { name: 'Mistakes' });
  await mistakes.getByRole('listitem').filter({ hasText: 'list_file' }).waitFor();
  await page.getByRole('status').filter({ hasText: '1 mistake' }).waitFor();
  expect(await page.getByRole('button', { name: /^Launch/ }).isDisabled()).toBe(true);

  const underlined = page.locator('.cm-lintRange-error', { hasText: 'list_file' });
  await underlined.hover();
  await page.getByRole('button', { name: 'Change to list_files' }).click();
  await page.getByRole('status').filter({ hasText: 'No mistakes' }).waitFor();

  const path = join(dirname(data.path), 'readers.yaml');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByLabel('Name of the new file').fill(path);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'readers.yaml' }).waitFor();
  expect(await readFile(path, 'utf8')).toBe(FLEET);

  await page.getByRole('button', { name: /^Launch/ }).click();
  await reachState(page, 'done');
  const { run } = await getRun(data.path, runOnScreen(page).runId());
  expect(run).toMatchObject({ fleet: 'readers', state: 'done', agentsDone: 3 });
  expect(complaints).toEqual([]);
});

const FLEET = `flotilla: 1
name: readers
workspace: .
model: sim/default
tools: [list_files, read_file]
agents:
  - name: reader
    count: 3
    prompt: List the files and say what this folder is about.
`;
