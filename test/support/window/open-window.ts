import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { flotilla, linesOf, start, type Running } from '../../integration/cli/command-line.ts';
import { openBrowser } from '../browser/open-browser.ts';
import { type Traffic, watchTraffic } from './traffic.ts';

/** No test of the window takes this long. */
const HANGS_AFTER_MS = 10 * 60_000;

/** A served window: the program from outside, and its page in a real browser. */
export interface ServedHost extends AsyncDisposable {
  readonly process: Running;
  /** With the one-time token: it opens one page. */
  readonly url: string;
  /** An address for one more page, as a second start on the same data directory tells it. */
  anotherUrl(): Promise<string>;
}

/** Starts `flotilla serve` on a data directory. */
export async function serveHost(dataDir: string, args: readonly string[] = []): Promise<ServedHost> {
  const process = start(['serve', '--json', '--data-dir', dataDir, '--port', '0', ...args], {}, HANGS_AFTER_MS);
  await process.says('serve.ready');
  return {
    process,
    url: urlOf(process.stdout()),
    async anotherUrl() {
      const { stdout } = await flotilla(['serve', '--json', '--data-dir', dataDir]);
      return urlOf(stdout);
    },
    async [Symbol.asyncDispose]() {
      process.kill('SIGTERM');
      await process[Symbol.asyncDispose]();
    },
  };
}

function urlOf(stdout: string): string {
  return String(linesOf(stdout).find(({ type }) => type === 'serve.ready')?.['url']);
}

/** A data directory that is removed in the end. */
export async function createDataDir(): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'window-'));
  return {
    path: join(folder, 'data'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** How a page is opened. */
export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'dark' | 'light';
}

/** A page of the window; what its console and its exceptions said is kept. */
export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly traffic: Traffic;
  /** Errors of the page: none is right. */
  readonly complaints: readonly string[];
}

/** Opens a page of `browser` at `url`, as large as the smaller reference screen unless told. */
export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.theme ?? 'dark',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const traffic = watchTraffic(page);
  const complaints = watchComplaints(page);
  await page.goto(url);
  return { page, context, traffic, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** What the page's console and its exceptions complain of from now on. */
export function watchComplaints(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const { url, lineNumber, columnNumber } = message.location();
    if (message.type() === 'error') complaints.push(`${message.text()} (${url}:${lineNumber}:${columnNumber})`);
  });
  return complaints;
}

/** One browser for a test file; `await using` closes it. */
export async function useBrowser(): Promise<{ readonly browser: Browser } & AsyncDisposable> {
  const browser = await openBrowser();
  return { browser, [Symbol.asyncDispose]: () => browser.close() };
}
