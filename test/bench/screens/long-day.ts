import type { Browser, CDPSession, Page } from 'playwright-core';
import { openBrowser } from '../../support/browser/open-browser.ts';
import { slopeOf } from '../full-path/slope.ts';
import type { Measured } from '../section.ts';
import { LONG_DAY_HASH, openFastHost } from './fast-host.ts';

/** What the page holds after everything that can be collected was. */
interface Held {
  readonly hour: number;
  /** JavaScript, what Chromium keeps for the document's nodes, and array buffers, in bytes. */
  readonly heapBytes: number;
  readonly embedderBytes: number;
  readonly bufferBytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** The whole day unless told; each hour is 3,600 seconds of the run, told as fast as the page takes them. */
const HOURS = Number(process.env['SCREENS_HOURS'] ?? 24);
const SECONDS_PER_HOUR = 3_600;
/** What fills up once, as the rows that figures keep, fills up in the first hour. */
const WARM_UP_HOURS = 1;
const LOOKS_PER_HOUR = 2;
/** The page's clock and its intervals go faster by this much; an interval never comes more often than a frame. */
const PAGE_SPEED = 250;
const FRAME_MS = 16;
const OPEN_MS = 30_000;

/**
 * Watches one run for a day of its seconds, with 10,000 agents of which 300 change each second, six figures and one agent's log: what the
 * page holds after forced collections, and how that grows.
 */
export async function measureLongDay(): Promise<Measured> {
  await using host = await openFastHost();
  const browser = await openBrowser();
  try {
    const page = await openFastPage(browser, host.createUrl());
    const devtools = await page.context().newCDPSession(page);
    const startedMs = performance.now();
    const held: Held[] = [];
    for (let look = 0; look <= HOURS * LOOKS_PER_HOUR; look++) {
      const hour = look / LOOKS_PER_HOUR;
      await host.liveUntil(hour * SECONDS_PER_HOUR);
      const now = await readHeld(page, devtools, hour);
      if (process.env['SCREENS_LOOKS']) process.stderr.write(`${JSON.stringify(now)}\n`);
      if (hour >= WARM_UP_HOURS) held.push(now);
    }
    if (host.unknown.size > 0) throw new Error(`The page asked for ${[...host.unknown].join(', ')}.`);
    const seconds = (performance.now() - startedMs) / 1_000;
    return {
      hours: HOURS,
      secondsPerSec: (HOURS * SECONDS_PER_HOUR) / seconds,
      pulses: host.pulses(),
      ...toGrowth(held),
    };
  } finally {
    await browser.close();
  }
}

async function openFastPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.addInitScript(
    ([speed, frameMs]) => {
      const { now } = Date;
      const beganAtMs = now();
      Date.now = () => beganAtMs + (now() - beganAtMs) * speed;
      const every = globalThis.setInterval.bind(globalThis);
      const faster = (call: () => void, ms = 0): number => Number(every(call, Math.max(frameMs, ms / speed)));
      Object.assign(globalThis, { setInterval: faster });
    },
    [PAGE_SPEED, FRAME_MS] as const,
  );
  await page.goto(url);
  await page.evaluate((hash) => void (location.hash = hash), LONG_DAY_HASH);
  await page.getByRole('grid', { name: 'Agents of the run' }).waitFor({ timeout: OPEN_MS });
  await page.getByRole('region', { name: 'Where its time went' }).waitFor({ timeout: OPEN_MS });
  return page;
}

async function readHeld(page: Page, devtools: CDPSession, hour: number): Promise<Held> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  // Twice: what a finalizer lets go of is collected by the second.
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.collectGarbage');
  const heap = (await devtools.send('Runtime.getHeapUsage')) as unknown as {
    readonly usedSize: number;
    readonly embedderHeapUsedSize: number;
    readonly backingStorageSize: number;
  };
  const { nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters');
  return {
    hour,
    heapBytes: heap.usedSize,
    embedderBytes: heap.embedderHeapUsedSize,
    bufferBytes: heap.backingStorageSize,
    nodes,
    listeners: jsEventListeners,
  };
}

/** A heap that shrinks is as flat as one that stands: only growth that is more than chance is a leak. */
function toGrowth(held: readonly Held[]): Record<string, number> {
  const growthOf = (read: (one: Held) => number) => slopeOf(held.map((one) => [one.hour, read(one)] as const));
  const heap = growthOf(({ heapBytes }) => heapBytes);
  const last = held.at(-1)!;
  return {
    isFlat: heap.low <= 0 ? 1 : 0,
    heapGrowthBytesPerHour: heap.slope,
    heapGrowthLowBytesPerHour: heap.low,
    heapGrowthHighBytesPerHour: heap.high,
    heapFirstBytes: held[0]!.heapBytes,
    heapLastBytes: last.heapBytes,
    embedderGrowthBytesPerHour: growthOf(({ embedderBytes }) => embedderBytes).slope,
    bufferGrowthBytesPerHour: growthOf(({ bufferBytes }) => bufferBytes).slope,
    nodes: last.nodes,
    nodeGrowthPerHour: growthOf(({ nodes }) => nodes).slope,
    listeners: last.listeners,
    listenerGrowthPerHour: growthOf(({ listeners }) => listeners).slope,
  };
}
