import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from '../browser/open-browser.ts';
import { app } from './app.ts';

/** Chromium knows no scheme of ours: `flotilla://app/x` is `https://app.flotilla.stand-in/x` to it. */
const SUFFIX = '.stand-in';

/** The address Chromium is told. */
export function toChromiumUrl(url: string): string {
  const match = /^(?<scheme>[a-z]+):\/\/(?<host>[^/?#]+)(?<rest>.*)$/s.exec(url);
  const { scheme = '', host = '', rest = '' } = match?.groups ?? {};
  return schemes.has(scheme) ? `https://${host}.${scheme}${SUFFIX}${rest}` : url;
}

/** The address the program is told. */
export function fromChromiumUrl(url: string): string {
  const match = /^https:\/\/(?<host>[^/?#]+)\.(?<scheme>[a-z]+)\.stand-in(?<rest>.*)$/s.exec(url);
  const { scheme = '', host = '', rest = '' } = match?.groups ?? {};
  return match ? `${scheme}://${host}${rest}` : url;
}

/** Schemes that were registered as standard ones. */
export const schemes = new Set<string>();

let opening: Promise<BrowserContext> | undefined;

/** The program's one Chromium, opened with its first window. It listens for a test that looks on, and says where. */
export function chromiumContext(): Promise<BrowserContext> {
  opening ??= open();
  return opening;
}

/** Pages that windows have asked for; any other was opened by a page, and goes. */
const wanted = new Set<Page>();
let isWanting = false;

/** A page for a window. */
export async function newPage(): Promise<Page> {
  const context = await chromiumContext();
  isWanting = true;
  const page = await context.newPage();
  isWanting = false;
  wanted.add(page);
  return page;
}

/** Ends Chromium, when there is one. */
export async function closeChromium(): Promise<void> {
  await (await opening?.catch(() => undefined))?.close().catch(() => undefined);
}

async function open(): Promise<BrowserContext> {
  const { executablePath, args } = await findChromium();
  const profile = join(app.getPath('userData'), 'chromium');
  mkdirSync(profile, { recursive: true });
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: [...args, '--remote-debugging-port=0', '--remote-allow-origins=*'],
    headless: true,
    viewport: null,
  });
  // What a page opens comes with the page it was opened from, or, cut off from it, with none; but never while one is wanted.
  context.on('page', (page) => {
    if (!isWanting && !wanted.has(page)) void page.close().catch(() => undefined);
  });
  const [port, path] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n');
  process.stderr.write(`DevTools listening on ws://127.0.0.1:${port}${path}\n`);
  return context;
}
