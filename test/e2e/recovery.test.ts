import { dirname } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tookMs } from '../../shared/model/run-times.ts';
import { openBrowser } from '../support/browser/open-browser.ts';
import { getRun, listRuns } from '../support/window/ask-host.ts';
import { type BreakableNetwork, browserArgs, openBreakableNetwork } from '../support/window/breakable-network.ts';
import { createDataDir, openPage, serveHost, useBrowser, watchComplaints } from '../support/window/open-window.ts';
import { launchFleet, reachState, runOnScreen } from '../support/window/run-on-screen.ts';
import { openSlowProvider, type SlowProvider } from '../support/window/slow-fleet.ts';

const FIRST_TOKEN_MS = 150;

/** What a browser says of a host that is away; everything else would be a fault of the page. */
const OF_THE_NETWORK = /WebSocket connection to|Failed to load resource|net::ERR_/;

const open = new AsyncDisposableStack();
let browser: Awaited<ReturnType<typeof useBrowser>>;
let provider: SlowProvider;

beforeAll(async () => {
  browser = open.use(await useBrowser());
  provider = open.use(await openSlowProvider(FIRST_TOKEN_MS));
});
afterAll(() => open.disposeAsync());

test('a page whose renderer was killed is opened again and shows its run, which never noticed', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page, context } = opened;
  const run = await launchFleet(page, await writeFleet(data.path, 'killed'));
  const runId = run.runId();
  const crashed = page.waitForEvent('crash');
  const devtools = await context.newCDPSession(page);
  // Never answered: who would answer is gone.
  void devtools.send('Page.crash').catch(() => undefined);
  await crashed;
  expect((await getRun(data.path, runId)).run).toMatchObject({ state: 'running', agentsFailed: 0 });

  // A crashed page cannot be driven any more: its tab is opened again, with the session it had.
  const again = await context.newPage();
  const complaints = watchComplaints(again);
  await again.goto(page.url());
  await reachState(again, 'done');
  expect(runOnScreen(again).runId()).toBe(runId);
  await runOnScreen(again).progress.getByText(`${AGENTS} of ${AGENTS} agents`).waitFor();
  expect((await getRun(data.path, runId)).run).toMatchObject(WHOLE);
  expect([...opened.complaints, ...complaints]).toEqual([]);
});

test('a network that falls silent is told of, and the page goes on by itself when it is back', async () => {
  await using data = await createDataDir();
  await using way = await openBrokenWay(data.path);
  const { page, network } = way;
  const run = await launchFleet(page, await writeFleet(data.path, 'silent'));
  const runId = run.runId();
  network.cut('both');
  await page
    .getByRole('region', { name: 'Connection' })
    .getByText(/does not answer since/)
    .waitFor();
  await page.getByRole('group', { name: 'Machine, as it last was' }).waitFor();
  await expect.poll(async () => (await getRun(data.path, runId)).run.agentsDone, { timeout: 60_000 }).toBe(AGENTS);
  // The page still shows what it last knew.
  expect(await run.heading.getByText('running', { exact: true }).isVisible()).toBe(true);
  network.drop();
  network.mend();
  await page.getByRole('region', { name: 'Connection' }).waitFor({ state: 'detached' });
  await reachState(page, 'done');
  await run.progress.getByText(`${AGENTS} of ${AGENTS} agents`).waitFor();
  expect((await getRun(data.path, runId)).run).toMatchObject(WHOLE);
  expect(way.complaints.filter((line) => !OF_THE_NETWORK.test(line))).toEqual([]);
});

test('a launch whose answer is lost with the connection launches one run', async () => {
  await using data = await createDataDir();
  await using way = await openBrokenWay(data.path);
  const { page, network } = way;
  const path = await writeFleet(data.path, 'once');
  await page.goto(new URL(`#/fleets/edit/${encodeURIComponent(path)}`, page.url()).href);
  const launch = page.getByRole('button', { name: /^Launch/ });
  await expect.poll(() => launch.isEnabled()).toBe(true);
  network.cut('answers');
  await launch.click();
  await expect.poll(async () => (await listRuns(data.path)).length).toBe(1);
  network.drop();
  network.mend();
  await reachState(page, 'done');
  const runs = await listRuns(data.path);
  expect(runs.map(({ runId, state }) => ({ runId, state }))).toEqual([
    { runId: runOnScreen(page).runId(), state: 'done' },
  ]);
  expect(way.complaints.filter((line) => !OF_THE_NETWORK.test(line))).toEqual([]);
});

test('a host that was killed and started again: the page says how to go on, and the run is resumed with nothing lost', async () => {
  await using data = await createDataDir();
  let runId: string;
  let port: string;
  {
    await using host = await serveHost(data.path);
    ({ port } = new URL(host.url));
    await using opened = await openPage(browser.browser, host.url);
    const { page } = opened;
    const run = await launchFleet(page, await writeFleet(data.path, 'interrupted'));
    runId = run.runId();
    await run.grid.getByText('done', { exact: true }).first().waitFor();
    host.process.kill('SIGKILL');
    await host.process.ended;
    const banner = page.getByRole('region', { name: 'Connection' });
    await banner.getByText(/does not answer since/).waitFor();

    await using again = await serveHost(data.path, ['--port', port]);
    await banner.getByText('The session of this page is over.').waitFor();
    await banner.getByText(/flotilla serve/).waitFor();
    await page.goto(again.url);
    await resumeToTheEnd(page, data.path, runId);
    expect(opened.complaints.filter((line) => !OF_THE_NETWORK.test(line))).toEqual([]);
  }
});

test('a host that is ended says goodbye: what became of its run, where to go on; nothing can be pressed in vain', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  const { port } = new URL(host.url);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  const run = await launchFleet(page, await writeFleet(data.path, 'ended'));
  const runId = run.runId();
  await run.row('lister-1').click();
  await run.agent('lister-1').getByRole('button', { name: 'Pause' }).waitFor();
  host.process.kill('SIGINT');
  const banner = page.getByRole('region', { name: 'Connection' });
  await banner.getByText(/^Flotilla was ended at .*; its run was stopped and can be resumed\.$/).waitFor();
  await banner.getByText(/open the new address it prints/).waitFor();
  expect((await host.process.ended).code).toBe(0);
  await reachState(page, 'stopped');
  // Whatever the page still offers says why it does nothing, and does nothing.
  const commands = page.getByRole('main').getByRole('button', { name: /^(Pause|Resume|Stop…)$/ });
  expect(await commands.count()).toBeGreaterThan(0);
  for (const command of await commands.all()) {
    expect(await command.getAttribute('aria-disabled')).toBe('true');
    expect(await command.getAttribute('title')).toContain('does not answer');
    await command.click({ force: true });
  }
  expect(await page.getByRole('region', { name: 'Notices' }).getByRole('alert').count()).toBe(0);
  expect(await page.getByRole('alertdialog').or(page.getByRole('dialog')).count()).toBe(0);

  await using again = await serveHost(data.path, ['--port', port]);
  await banner.getByRole('button', { name: 'Try now' }).click();
  await banner.getByText('The session of this page is over: Flotilla was started anew.').waitFor();
  await banner.getByText(/its run was stopped and can be resumed\. Open the new address/).waitFor();
  await page.goto(again.url);
  await page.goto(new URL(`#/runs/${runId}`, page.url()).href);
  await reachState(page, 'stopped');
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await reachState(page, 'done');
  expect((await getRun(data.path, runId)).run).toMatchObject({ state: 'done', agentsDone: AGENTS });
  expect(opened.complaints.filter((line) => !OF_THE_NETWORK.test(line))).toEqual([]);
});

async function resumeToTheEnd(page: Page, dataDir: string, runId: string): Promise<void> {
  await page.goto(new URL(`#/runs/${runId}`, page.url()).href);
  await reachState(page, 'interrupted');
  const before = (await getRun(dataDir, runId)).run;
  expect(before).toMatchObject({ state: 'interrupted', agents: AGENTS });
  expect(before.agentsDone).toBeGreaterThan(0);
  const cutShort = `${before.agentsCutShort} interrupted`;
  const whole = `${before.agentsDone - before.agentsCutShort} of ${AGENTS}`;
  const run = runOnScreen(page);
  await run.progress.getByText(`${whole} agents`).waitFor();
  await run.progress.getByText(cutShort).waitFor();
  expect(await run.progress.getByRole('progressbar').getAttribute('aria-valuetext')).toMatch(/% interrupted/);
  for (const width of [1_024, 1_280]) {
    await page.setViewportSize({ width, height: 800 });
    await expect.poll(() => countLines(run.progress)).toBe(1);
  }
  const first = await readTimes(page, runId);
  expect(first.agents).toBe(`${whole} · ${cutShort}`);
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await reachState(page, 'done');
  await run.progress.getByText('0 lost').waitFor();
  const { run: ended, report } = await getRun(dataDir, runId);
  expect(ended).toMatchObject({ runId, state: 'done', agents: AGENTS, agentsDone: AGENTS, agentsFailed: 0 });
  expect(report).toMatchObject({ lost: 0, duplicated: 0 });
  // Launched once, whatever number of times it was resumed; the time between was none that it took.
  expect((await readTimes(page, runId)).launched).toBe(first.launched);
  expect(tookMs(ended, 0)).toBeLessThan(ended.endedAtMs! - ended.startedAtMs);
}

/** The lines that the words above the bar stand in. */
async function countLines(progress: Locator): Promise<number> {
  const tops = await progress
    .locator('b, b ~ *')
    .evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().top)));
  return new Set(tops).size;
}

/** What page and list say of a run that has ended: the same of both. */
async function readTimes(page: Page, runId: string): Promise<{ readonly launched: string; readonly agents: string }> {
  await page.goto(new URL(`#/runs/${runId}`, page.url()).href);
  const { progress } = runOnScreen(page);
  await progress.getByText('took').waitFor();
  const took = /took ([^·]+) ·/.exec((await progress.textContent()) ?? '')?.[1];
  const subtitle = await page.getByText(/launched /).textContent();
  const launched = /launched ([^·]+) ·/.exec(subtitle ?? '')?.[1] ?? '';
  await page.goto(new URL('#/runs', page.url()).href);
  const cells = page.getByRole('table', { name: 'Runs' }).getByRole('row').nth(1).getByRole('cell');
  await cells.first().waitFor();
  const [, , started, duration, agents = ''] = await cells.allTextContents();
  expect({ started, duration }).toEqual({ started: launched, duration: took });
  await page.goto(new URL(`#/runs/${runId}`, page.url()).href);
  return { launched, agents };
}

const AGENTS = 4;
const CALLS = 14;
const WHOLE = {
  state: 'done',
  agents: AGENTS,
  agentsDone: AGENTS,
  agentsFailed: 0,
  toolCalls: AGENTS * CALLS,
};

/** Two agents at a time: some are done while others are at work. */
function writeFleet(dataDir: string, name: string): Promise<string> {
  return provider.writeFleet(dirname(dataDir), { name, agents: AGENTS, concurrentAgents: 2, calls: CALLS });
}

interface BrokenWay extends AsyncDisposable {
  readonly network: BreakableNetwork;
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** A host, and a page that reaches it over a network that can be broken. */
async function openBrokenWay(dataDir: string): Promise<BrokenWay> {
  await using opening = new AsyncDisposableStack();
  const host = opening.use(await serveHost(dataDir));
  const url = new URL(host.url);
  const network = opening.use(await openBreakableNetwork(Number(url.port)));
  const own = await openBrowser(browserArgs(Number(url.port), network));
  opening.defer(() => own.close());
  url.hostname = 'localhost';
  const { page, complaints } = opening.use(await openPage(own, url.href));
  await page.getByText('Connected.').waitFor({ state: 'attached' });
  const owned = opening.move();
  return { network, page, complaints, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
