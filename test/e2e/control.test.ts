import { dirname } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askHost, getRun, listRuns } from '../support/window/ask-host.ts';
import { createDataDir, openPage, type ServedHost, serveHost, useBrowser } from '../support/window/open-window.ts';
import { launchFleet, reachState, type RunOnScreen } from '../support/window/run-on-screen.ts';
import { openSlowProvider, type SlowProvider } from '../support/window/slow-fleet.ts';

/** Slow enough to be held up in its middle by hand, quick enough for a test. */
const FIRST_TOKEN_MS = 150;

const open = new AsyncDisposableStack();
let browser: Awaited<ReturnType<typeof useBrowser>>;
let provider: SlowProvider;
let dataDir: string;
let folder: string;
let host: ServedHost;

beforeAll(async () => {
  browser = open.use(await useBrowser());
  provider = open.use(await openSlowProvider(FIRST_TOKEN_MS));
  const data = open.use(await createDataDir());
  dataDir = data.path;
  folder = dirname(dataDir);
  host = open.use(await serveHost(dataDir));
});
afterAll(() => open.disposeAsync());

test('one agent is paused, resumed and stopped; the others go on to their ends', async () => {
  const path = await provider.writeFleet(folder, { name: 'one', agents: 4, concurrentAgents: 4, calls: 24 });
  await using opened = await openPage(browser.browser, await host.anotherUrl());
  const { page } = opened;
  const run = await launchFleet(page, path);
  const runId = run.runId();
  await run.row('lister-2').click();
  const paused = run.agent('lister-2');
  await paused.getByRole('button', { name: 'Pause', exact: true }).click();
  await run.row('lister-2').getByText('paused', { exact: true }).waitFor();

  await run.row('lister-3').getByRole('button', { name: 'Actions for lister-3' }).click();
  await page.getByRole('menuitem', { name: 'Stop agent…' }).click();
  await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Stop agent' }).click();
  await run.row('lister-3').getByText('stopped', { exact: true }).waitFor();

  await run.row('lister-1').getByText('done', { exact: true }).waitFor();
  await run.row('lister-4').getByText('done', { exact: true }).waitFor();
  // Everybody else is through: what still holds the run open is the one that was paused.
  await run.row('lister-2').getByText('paused', { exact: true }).waitFor();
  expect((await getRun(dataDir, runId)).run).toMatchObject({ state: 'running', agentsDone: 3, agentsRunning: 1 });

  await paused.getByRole('button', { name: 'Resume', exact: true }).click();
  await run.row('lister-2').getByText('done', { exact: true }).waitFor();
  await reachState(page, 'done');
  expect(await readStates(run)).toEqual(['done', 'done', 'stopped', 'done']);
  expect(await recordedStates(runId)).toEqual(['done', 'done', 'stopped', 'done']);
  expect(opened.complaints).toEqual([]);
});

test('a run is paused, resumed and stopped; the page says what the host says', async () => {
  const path = await provider.writeFleet(folder, { name: 'whole', agents: 3, concurrentAgents: 3, calls: 60 });
  await using opened = await openPage(browser.browser, await host.anotherUrl());
  const { page } = opened;
  const run = await launchFleet(page, path);
  const runId = run.runId();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await reachState(page, 'paused');
  expect((await getRun(dataDir, runId)).run.state).toBe('paused');

  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await reachState(page, 'running');
  expect((await getRun(dataDir, runId)).run.state).toBe('running');

  await page.getByRole('button', { name: 'Stop…' }).click();
  await confirm(page, 'Stop run');
  await reachState(page, 'stopped');
  expect((await getRun(dataDir, runId)).run.state).toBe('stopped');
  // The heading and the rows come by two ways; the rows may be the later ones.
  await expect.poll(() => readStates(run)).toEqual(await recordedStates(runId));
  await page.getByRole('button', { name: 'Resume', exact: true }).waitFor();
  expect(opened.complaints).toEqual([]);
});

test('the palette stops everything that runs', async () => {
  await using opened = await openPage(browser.browser, await host.anotherUrl());
  const { page } = opened;
  const runIds: string[] = [];
  for (const name of ['left', 'right']) {
    const path = await provider.writeFleet(folder, { name, agents: 2, concurrentAgents: 2, calls: 60 });
    runIds.push((await launchFleet(page, path)).runId());
  }
  await page.getByRole('navigation', { name: 'Pages' }).getByText('2 live').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(/type what to do/).fill('stop all');
  await page.getByRole('option', { name: /Stop all runs/ }).click();
  await confirm(page, 'Stop all');
  await page.getByText('2 runs stopped').waitFor();
  await reachState(page, 'stopped');
  const recorded = await listRuns(dataDir);
  expect(recorded.filter(({ runId }) => runIds.includes(runId)).map(({ state }) => state)).toEqual([
    'stopped',
    'stopped',
  ]);
  const { runs } = await askHost(dataDir, (calls) => calls.runs.list({}));
  expect(runs.filter(({ endedAtMs }) => endedAtMs === undefined)).toEqual([]);
  expect(opened.complaints).toEqual([]);
});

test('a spent budget is raised on the page, and the run goes on to its end', async () => {
  const more = 'budget: { tokens: 2000 }\n';
  const path = await provider.writeFleet(folder, { name: 'thrifty', agents: 2, concurrentAgents: 2, calls: 12, more });
  await using opened = await openPage(browser.browser, await host.anotherUrl());
  const { page } = opened;
  const run = await launchFleet(page, path);
  await reachState(page, 'paused');
  expect((await getRun(dataDir, run.runId())).run.state).toBe('paused');
  await page.getByLabel('New budget in tokens').fill('1000000');
  await page.getByRole('button', { name: 'Raise and resume' }).click();
  await run.progress.getByText('of 1.00 M tokens').waitFor();
  await reachState(page, 'done');
  const { run: ended } = await getRun(dataDir, run.runId());
  expect(ended).toMatchObject({ state: 'done', agents: 2, agentsDone: 2, agentsFailed: 0, toolCalls: 24 });
  expect(opened.complaints).toEqual([]);
});

async function confirm(page: Page, label: string): Promise<void> {
  await page
    .getByRole('alertdialog')
    .or(page.getByRole('dialog'))
    .getByRole('button', { name: label, exact: true })
    .click();
}

/** The states in the table, by agent. */
async function readStates({ grid }: RunOnScreen): Promise<string[]> {
  const cells = await grid.locator('[data-id="state"]').allTextContents();
  return cells.map((text) => text.trim());
}

/** The states that history has, by agent. */
async function recordedStates(runId: string): Promise<string[]> {
  const states: string[] = [];
  const { run } = await getRun(dataDir, runId);
  for (let agent = 0; agent < run.agents; agent++) states.push(await lastState(runId, agent));
  return states;
}

/** The last state that an agent's recorded log tells. */
async function lastState(runId: string, agent: number): Promise<string> {
  return await askHost(dataDir, async (calls) => {
    let state = 'none';
    for await (const item of calls.runs.log({ runId, agent })) {
      if (item.kind === 'state') ({ state } = item);
    }
    return state;
  });
}
