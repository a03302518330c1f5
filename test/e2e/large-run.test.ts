import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { getRun, listRuns } from '../support/window/ask-host.ts';
import { writeLargeFleet } from '../support/window/large-fleet.ts';
import { createDataDir, openPage, serveHost, useBrowser } from '../support/window/open-window.ts';
import { launchFleet, reachState } from '../support/window/run-on-screen.ts';

const AGENTS = 2_000;

/** Rows in the page, however many agents there are: those in sight and a few around them. */
const MAX_ROWS_IN_PAGE = 80;

test('two thousand agents are scrolled, sorted, filtered and grouped while they run; every one ends once', async () => {
  await using data = await createDataDir();
  const path = await writeLargeFleet(dirname(data.path), { agents: AGENTS, concurrentAgents: 100, callsPerAgent: 2 });
  await using browser = await useBrowser();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  const run = await launchFleet(page, path);
  const rowCount = (): Promise<string | null> => run.grid.getAttribute('aria-rowcount');
  const first = run.grid.locator('[role="row"][aria-rowindex="2"]');
  await expect.poll(rowCount).toBe(String(AGENTS + 1));

  await run.grid.hover();
  await page.mouse.wheel(0, AGENTS * 100);
  await run.row('reader-2000').waitFor();
  expect(await run.grid.getByRole('row').count()).toBeLessThan(MAX_ROWS_IN_PAGE);

  const byName = run.grid.getByRole('columnheader', { name: 'Agent', exact: true });
  await byName.getByRole('button').click();
  await page.mouse.wheel(0, -AGENTS * 100);
  await first.getByText('reader-2000', { exact: true }).waitFor();
  expect(await byName.getAttribute('aria-sort')).toBe('descending');

  const filter = page.getByLabel('Filter agents');
  await filter.fill('reader-19');
  await expect.poll(rowCount).toBe('101');
  await first.getByText('reader-1999', { exact: true }).waitFor();
  await filter.fill('no such agent');
  await page.getByRole('button', { name: 'Clear the filter' }).click();

  await reachState(page, 'done');
  await run.progress.getByText('2,000 of 2,000 agents').waitFor();
  await run.progress.getByText('0 lost · 0 duplicated').waitFor();
  await page.getByText('By state', { exact: true }).click();
  await first.getByRole('button', { name: /^done\s+2,000$/ }).click();
  await expect.poll(rowCount).toBe('2');

  const runId = run.runId();
  const { run: ended, report } = await getRun(data.path, runId);
  expect(ended).toMatchObject({ agents: AGENTS, agentsDone: AGENTS, agentsFailed: 0, toolCalls: 2 * AGENTS });
  expect(report).toMatchObject({ lost: 0, duplicated: 0 });
  expect(await listRuns(data.path)).toMatchObject([
    { runId, state: 'done', agents: AGENTS, agentsDone: AGENTS, failed: 0, toolCalls: 2 * AGENTS },
  ]);
  expect(opened.complaints).toEqual([]);
});
