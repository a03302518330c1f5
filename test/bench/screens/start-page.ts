import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { securityHeaders } from '../../../main/page/page-headers.ts';
import { openBrowser } from '../../support/browser/open-browser.ts';
import { serveHost } from '../../support/window/open-window.ts';
import type { Measured } from '../section.ts';
import { median, percentile } from '../statistics.ts';
import { fillHistory, type LargeHistory } from './large-history.ts';

/** Pages opened of one host; each has a context, and so a cache, of its own. */
const PAGES = 9;
const OPEN_MS = 30_000;
/** SCREENS_RECORDS makes it smaller for a look. */
const RECORDS = Number(process.env['SCREENS_RECORDS'] ?? 10_000_000);

/** When a page of the window was at what, in milliseconds from the first byte of its document. */
interface Start {
  readonly listMs: number;
  readonly interactiveMs: number;
  readonly longestTaskMs: number;
}

declare global {
  // oxlint-disable-next-line no-var -- a global of the measured page
  var startMarks: { listAt: number; answeredAt: number; longestTaskMs: number } | undefined;
}

/**
 * Starts `flotilla serve` over a history of ten million turns and calls and opens its page: when it is interactive, and how long the
 * page of a past run and a search take after that.
 *
 * SCREENS_HISTORY names a folder in which the history is kept for the next time; without it the history is removed.
 */
export async function measureLargeStart(): Promise<Measured> {
  const kept = process.env['SCREENS_HISTORY'];
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'screens-start-')));
  try {
    const large = await fillHistory(folder, RECORDS);
    return { records: large.records, ...(await measureServed(folder, large)) };
  } finally {
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** The same over a history in which nothing is. */
export async function measureEmptyStart(): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'screens-start-'));
  try {
    return await measureServed(folder, undefined);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The floor: a document with one button, served by Node with the same headers. */
export async function measureBarePage(): Promise<Measured> {
  const script = `document.querySelector('button').onclick = () => document.body.append(document.createElement('dialog'));`;
  const page = `<!doctype html><title>bare</title><button aria-haspopup="dialog">Search</button><table><tr><td>row</td></tr></table><script src="/page.js"></script>`;
  const server = createServer(({ url, headers }, response) => {
    for (const [name, value] of Object.entries(securityHeaders(headers.host ?? ''))) response.setHeader(name, value);
    const isScript = url === '/page.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const browser = await openBrowser();
  try {
    return toStartFigures(await openPages(browser, async () => `http://127.0.0.1:${port}/`));
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

async function measureServed(dataDir: string, large: LargeHistory | undefined): Promise<Measured> {
  const beganMs = performance.now();
  await using host = await serveHost(dataDir);
  const serveReadyMs = performance.now() - beganMs;
  const browser = await openBrowser();
  try {
    const starts = await openPages(browser, () => host.anotherUrl());
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(host.url);
    await page
      .getByRole('table')
      .or(page.getByRole('heading', { level: 1 }))
      .first()
      .waitFor({ timeout: OPEN_MS });
    return { serveReadyMs, ...toStartFigures(starts), ...(large && (await measureVisits(page, large))) };
  } finally {
    await browser.close();
  }
}

/** Each page is alone: the next is opened when the last is closed. The first one warms the browser up. */
async function openPages(browser: Browser, createUrl: () => Promise<string>): Promise<Start[]> {
  const starts: Start[] = [];
  for (let opened = 0; opened <= PAGES; opened++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.addInitScript(watchStart);
    await page.goto(await createUrl());
    await page.waitForFunction(() => (globalThis.startMarks?.answeredAt ?? 0) > 0, undefined, { timeout: OPEN_MS });
    const start = await page.evaluate(() => {
      const [navigation] = performance.getEntriesByType('navigation');
      const firstByte = (navigation as PerformanceNavigationTiming).responseStart;
      const { listAt, answeredAt, longestTaskMs } = globalThis.startMarks!;
      return { listMs: listAt - firstByte, interactiveMs: answeredAt - firstByte, longestTaskMs };
    });
    if (opened > 0) starts.push(start);
    await context.close();
  }
  return starts;
}

/**
 * Runs in the page before its own scripts: looks after each frame whether the list is there (the examples of the welcome or a row of the table), then clicks
 * the search button and notes the frame in which its dialog stands.
 */
function watchStart(): void {
  const marks = { listAt: 0, answeredAt: 0, longestTaskMs: 0 };
  globalThis.startMarks = marks;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) marks.longestTaskMs = Math.max(marks.longestTaskMs, duration);
  }).observe({ type: 'longtask', buffered: true });
  const hasList = (): boolean =>
    document.querySelector('main table tbody tr, main [aria-labelledby=other-fleets] li, body > table') !== null;
  const look = (): void => {
    if (marks.listAt === 0 && hasList()) marks.listAt = performance.now();
    if (marks.listAt > 0 && document.querySelector('[role=dialog], dialog') !== null) {
      // Painted when the task after this frame runs.
      setTimeout(() => (marks.answeredAt = performance.now()), 0);
      return;
    }
    // Again in each frame, as an impatient person would: a click before a script listens is lost.
    if (marks.listAt > 0) document.querySelector<HTMLElement>('button[aria-haspopup=dialog]')?.click();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

function toStartFigures(starts: readonly Start[]): Record<string, number> {
  const all = (read: (start: Start) => number): number[] => starts.map(read);
  const interactive = all(({ interactiveMs }) => interactiveMs);
  return {
    interactiveMs: median(interactive),
    interactiveWorstMs: percentile(interactive, 1),
    listMs: median(all(({ listMs }) => listMs)),
    longestTaskMs: median(all(({ longestTaskMs }) => longestTaskMs)),
  };
}

/** What a person does next: the newest of the runs with its agents, then a search over everything, from the wish to what it shows. */
async function measureVisits(page: Page, large: LargeHistory): Promise<Record<string, number>> {
  const visit = async (hash: string, shows: string): Promise<number> =>
    page.evaluate(
      ([to, selector]) =>
        new Promise<number>((resolve) => {
          const beganAt = performance.now();
          const look = (): void => {
            if (document.querySelector(selector) === null) return void requestAnimationFrame(look);
            setTimeout(() => resolve(performance.now() - beganAt), 0);
          };
          location.hash = to;
          requestAnimationFrame(look);
        }),
      [hash, shows] as const,
    );
  const agents = '[role=grid] [role=row][aria-rowindex="2"]';
  const hits = 'main mark';
  return {
    runPageMs: await visit(`#/runs/${large.runId}`, agents),
    searchCommonMs: await visit(`#/search/${large.commonWord}`, hits),
    leaveMs: await visit('#/fleets', 'main table tbody tr'),
    searchRareMs: await visit(`#/search/${large.rareWord}`, hits),
  };
}
