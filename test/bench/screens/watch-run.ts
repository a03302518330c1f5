import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../support/browser/open-browser.ts';
import { openPage, serveHost } from '../../support/window/open-window.ts';
import type { StreamTraffic } from '../../support/window/traffic.ts';
import type { Measured } from '../section.ts';
import { percentile } from '../statistics.ts';
import { readMainThread, TRACE_CATEGORIES } from './main-thread.ts';

/** A fleet that is watched. */
export interface WatchedFleet {
  /** How many agents it has; the run is over when so many have ended. */
  readonly agents: number;
  /** Answers the fleet's path; what it writes lies below `folder`. */
  readonly write: (folder: string) => Promise<string>;
}

/** When the page showed that so many agents have ended. */
type Shown = readonly [atMs: number, ended: number];

const LAUNCH_MS = 60_000;
const RUN_MS = 300_000;
/** After the page is there, so that its own start is not in the trace. */
const SETTLE_MS = 1_500;
/** Where among the agents the one is whose log is open: it works in the middle of the run. */
const OPEN_RATIO = 0.5;

/**
 * Launches a fleet from its page and watches it to the end with one agent's log open: what the page's main thread did, what
 * crossed the socket, and how long an agent's end took to the pixel.
 *
 * SCREENS_TRACE names a file that keeps the trace, for Chromium's own tools.
 */
export async function measureWatching(fleet: WatchedFleet): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'screens-'));
  try {
    const path = await fleet.write(folder);
    const dataDir = join(folder, 'data');
    await using host = await serveHost(dataDir);
    const browser = await openBrowser();
    try {
      await using opened = await openPage(browser, host.url, { width: 1920, height: 1080 });
      const { page, traffic } = opened;
      await page.evaluate((hash) => void (location.hash = hash), `/fleets/edit/${encodeURIComponent(path)}`);
      await page.getByRole('button', { name: /^Launch/ }).click({ timeout: LAUNCH_MS });
      await page.getByRole('progressbar').first().waitFor({ timeout: LAUNCH_MS });
      await page.evaluate((agent) => void (location.hash += `/agents/${agent}`), Math.floor(fleet.agents * OPEN_RATIO));
      await page.getByRole('region', { name: 'Where its time went' }).waitFor({ timeout: LAUNCH_MS });
      await watchPixels(page);
      await page.waitForTimeout(SETTLE_MS);
      await browser.startTracing(page, { categories: TRACE_CATEGORIES, screenshots: false });
      await page.waitForFunction((count) => readEnded() >= count, fleet.agents, { timeout: RUN_MS, polling: 200 });
      const trace = await browser.stopTracing();
      const keep = process.env['SCREENS_TRACE'];
      if (keep !== undefined) await writeFile(keep, trace);
      const work = readMainThread(trace);
      const { shown, framesPerSec, longTaskMs } = await page.evaluate(() => readPixels());
      return {
        frameWorkP95Ms: percentile(work.frameWorkMs, 0.95),
        frameWorkP99Ms: percentile(work.frameWorkMs, 0.99),
        frameCpuP95Ms: percentile(work.frameCpuMs, 0.95),
        frameCpuP99Ms: percentile(work.frameCpuMs, 0.99),
        longestTaskCpuMs: Math.max(...work.taskCpuMs),
        longestTaskMs: Math.max(...work.taskMs, longTaskMs),
        framesPerSec,
        tracedSeconds: work.seconds,
        messagesPerSec: Math.max(...traffic.streams.map(busiestSecond)),
        ...readPixelDelays(dataDir, shown),
        ...readLoopDelay(dataDir),
      };
    } finally {
      await browser.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

declare function readEnded(): number;
declare function readPixels(): { shown: Shown[]; framesPerSec: number; longTaskMs: number };

/** Notes in the page what it shows after each frame that changed it, counts frames, and keeps the longest task it is told of. */
async function watchPixels(page: Page): Promise<void> {
  await page.evaluate(() => {
    const bar = document.querySelector('[role=progressbar]');
    if (!bar) throw new Error('The page shows no progress.');
    const shown: [number, number][] = [];
    const read = (): number => Number(bar.getAttribute('aria-valuenow'));
    let frames = 0;
    let longTaskMs = 0;
    const startedMs = performance.now();
    const beat = (): void => {
      frames++;
      const ended = read();
      // Painted when the task after this frame runs.
      if (shown.at(-1)?.[1] !== ended) setTimeout(() => shown.push([Date.now(), ended]), 0);
      requestAnimationFrame(beat);
    };
    requestAnimationFrame(beat);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTaskMs = Math.max(longTaskMs, duration);
    }).observe({ type: 'longtask' });
    Object.assign(globalThis, {
      readEnded: read,
      readPixels: () => ({ shown, framesPerSec: (frames / (performance.now() - startedMs)) * 1_000, longTaskMs }),
    });
  });
}

/** Messages of the stream in the second that had most, after its baseline. */
function busiestSecond({ arrivals }: StreamTraffic): number {
  let most = 0;
  for (let from = 0, to = 0; to < arrivals.length; to++) {
    while ((arrivals[to] as number) - (arrivals[from] as number) >= 1_000) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** From an agent's end, as the runtime recorded it, to the first frame that counts it. */
function readPixelDelays(dataDir: string, shown: readonly Shown[]): Record<string, number> {
  const database = new Database(join(dataDir, 'history.sqlite'), { readonly: true });
  const ends = database
    .prepare(`SELECT changed_at_ms AS atMs FROM sessions WHERE state = 'done' ORDER BY changed_at_ms`)
    .all() as { atMs: number }[];
  database.close();
  const [first] = shown;
  if (!first) throw new Error('The page never showed how many agents have ended.');
  const delays: number[] = [];
  let next = 0;
  ends.forEach(({ atMs }, position) => {
    while (next < shown.length && (shown[next] as Shown)[1] < position + 1) next++;
    const seen = shown[next];
    if (seen && atMs > first[0]) delays.push(seen[0] - atMs);
  });
  return { pixelP50Ms: percentile(delays, 0.5), pixelP99Ms: percentile(delays, 0.99), pixels: delays.length };
}

/** Main's own figure of each second of the run, the worst of them. */
function readLoopDelay(dataDir: string): Record<string, number> {
  const database = new Database(join(dataDir, 'history.sqlite'), { readonly: true });
  const frames = database.prepare('SELECT figures FROM metric_frames ORDER BY at_ms').all() as { figures: string }[];
  database.close();
  const delays = frames.map(
    ({ figures }) => (JSON.parse(figures) as Record<string, number>)['main.loopDelayP99Ms'] ?? 0,
  );
  return { loopDelayMedianP99Ms: percentile(delays, 0.5), loopDelayWorstP99Ms: Math.max(...delays) };
}
