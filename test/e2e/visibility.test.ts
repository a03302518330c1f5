import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createDataDir,
  openPage,
  serveHost,
  type ServedHost,
  useBrowser,
  watchComplaints,
} from '../support/window/open-window.ts';
import { launchFleet, reachState } from '../support/window/run-on-screen.ts';
import { openSlowProvider, type SlowProvider } from '../support/window/slow-fleet.ts';
import { openTabbedBrowser } from '../support/window/tabbed-browser.ts';
import { type StreamTraffic, watchTraffic } from '../support/window/traffic.ts';
import { goToPage } from '../support/window/go-to-page.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'ten-thousand-calls.yaml');

/** One message per 100 ms, and one more: a window of a second has two edges. */
const MAX_MESSAGES_IN_A_SECOND = 11;

const open = new AsyncDisposableStack();
let provider: SlowProvider;
let host: ServedHost;
let slowFleet: string;

beforeAll(async () => {
  provider = open.use(await openSlowProvider(150));
  const data = open.use(await createDataDir());
  host = open.use(await serveHost(data.path));
  slowFleet = await provider.writeFleet(dirname(data.path), {
    name: 'slow',
    agents: 2,
    concurrentAgents: 2,
    calls: 100,
  });
});
afterAll(() => open.disposeAsync());

test('each page opens its own streams and no other; a hidden one none', async () => {
  await using browser = await openTabbedBrowser();
  const page = await browser.context.newPage();
  const traffic = watchTraffic(page);
  const complaints = watchComplaints(page);
  const expectOpen = async (streams: readonly string[]): Promise<void> => {
    await expect.poll(() => traffic.open().toSorted()).toEqual(streams);
  };
  await page.goto(await host.anotherUrl());
  await expectOpen(['app.pulse']);

  const run = await launchFleet(page, slowFleet);
  await expectOpen(['app.pulse', 'runs.agents', 'runs.figures']);
  await run.row('lister-1').click();
  await expectOpen(['app.pulse', 'runs.agents', 'runs.figures', 'runs.log']);

  const other = await browser.context.newPage();
  await expectOpen([]);
  const openedBefore = traffic.streams.length;
  await page.bringToFront();
  await expectOpen(['app.pulse', 'runs.agents', 'runs.figures', 'runs.log']);
  expect(traffic.streams.length).toBe(openedBefore + 4);
  await other.close();

  for (const place of ['Fleets', 'Search', 'Settings', 'Runs'] as const) {
    await goToPage(page, place);
    await expectOpen(['app.pulse']);
  }
  expect(complaints).toEqual([]);
});

test('while ten thousand calls are watched, no stream sends more than ten messages in any second', async () => {
  await using browser = await useBrowser();
  await using opened = await openPage(browser.browser, await host.anotherUrl());
  const { page, traffic } = opened;
  const run = await launchFleet(page, EXAMPLE);
  await run.grid.getByRole('row').nth(1).click();
  await reachState(page, 'done');
  const busiest = traffic.streams.map((stream) => [stream.entry, findBusiestSecond(stream)] as const);
  expect(busiest.map(([entry]) => entry)).toEqual(expect.arrayContaining(['runs.agents', 'runs.figures', 'runs.log']));
  expect(busiest.filter(([, messages]) => messages > MAX_MESSAGES_IN_A_SECOND)).toEqual([]);
  // Else nothing was watched.
  expect(Math.max(...busiest.map(([, messages]) => messages))).toBeGreaterThan(1);
  expect(opened.complaints).toEqual([]);
});

/** Most messages in any second of a stream after its baseline, which comes in pieces at once. */
function findBusiestSecond({ arrivals }: StreamTraffic): number {
  const first = arrivals[0] ?? 0;
  const later = arrivals.filter((atMs) => atMs > first);
  return later.reduce((most, fromMs) => {
    const within = later.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1_000).length;
    return Math.max(most, within);
  }, 0);
}
