import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { findChromium } from '../browser/open-browser.ts';

/** A browser whose tabs hide one another, as a person's do. */
export interface TabbedBrowser extends AsyncDisposable {
  /** `newPage` opens a tab in the one window, in front of the others; `bringToFront` shows it again. */
  readonly context: BrowserContext;
}

/** Playwright's own browsers tell every page that it is seen: this one is started beside it and only driven by it. */
export async function openTabbedBrowser(): Promise<TabbedBrowser> {
  await using opening = new AsyncDisposableStack();
  const profile = await mkdtemp(join(tmpdir(), 'browser-'));
  opening.defer(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const { executablePath, args } = await findChromium();
  const own = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(executablePath, [...args, ...own], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  opening.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const browser = await chromium.connectOverCDP(await readEndpoint(child.stderr), { noDefaults: true });
  opening.defer(() => browser.close());
  const [context] = browser.contexts();
  if (!context) throw new Error('The browser has no window.');
  const owned = opening.move();
  return { context, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Where the browser is driven from: it says so on standard error, among other things. */
async function readEndpoint(stderr: AsyncIterable<Buffer> & NodeJS.ReadableStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
    if (found !== undefined) resolve(found);
  });
  stderr.once('end', () => reject(new Error(`The browser has ended:\n${said}`)));
  return await promise;
}
