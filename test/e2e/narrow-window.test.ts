import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDataDir, openPage, serveHost, useBrowser } from '../support/window/open-window.ts';
import { findOverflow } from '../support/window/pictures.ts';
import { launchFleet, reachState, type RunOnScreen } from '../support/window/run-on-screen.ts';

const AGENT = 'reader-of-everything-there-is';
const FLEET = `flotilla: 1
name: a-fleet-with-quite-a-long-name-2026
workspace: .
model: sim/default
agents:
  - name: ${AGENT}
    count: 12
    prompt: Say hello.
`;
/** A window of 1280 × 800 that is enlarged to 150 %. */
const ENLARGED = { width: 853, height: 533 };

const open = new AsyncDisposableStack();
let page: Page;
let run: RunOnScreen;

beforeAll(async () => {
  const { browser } = open.use(await useBrowser());
  const data = open.use(await createDataDir());
  const path = join(dirname(data.path), 'long.yaml');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, FLEET);
  const host = open.use(await serveHost(data.path));
  ({ page } = open.use(await openPage(browser, host.url)));
  await page.getByRole('button', { name: 'Run the example' }).waitFor();
  run = await launchFleet(page, path);
  await reachState(page, 'done');
});
afterAll(() => open.disposeAsync());

/** Whether all of it is within the window, and within what it is scrolled in. */
function isInSight(what: Locator): Promise<boolean> {
  return what.evaluate((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) return false;
    for (let around = element.parentElement; around; around = around.parentElement) {
      const box = around.getBoundingClientRect();
      const { overflowX } = getComputedStyle(around);
      if (overflowX !== 'visible' && (right > box.right + 1 || left < box.left - 1)) return false;
    }
    return true;
  });
}

test.each([1024, 853])(
  'the list of runs leaves out figures at %i and keeps the menu of each row in sight',
  async (width) => {
    await page.setViewportSize({ width, height: 768 });
    await page.goto(new URL('#/runs', page.url()).href);
    const menu = page.getByRole('button', { name: 'Actions for a-fleet-with-quite-a-long-name-2026' });
    await menu.waitFor();
    await expect.poll(() => isInSight(menu)).toBe(true);
    expect(await findOverflow(page)).toBe(false);
    await page.goBack();
    await run.grid.waitFor();
  },
);

test('a long name is cut in the middle, so that the number stays in sight, and is read out whole', async () => {
  await page.setViewportSize({ width: 1024, height: 768 });
  const cell = run.grid.getByRole('gridcell', { name: `${AGENT}-07`, exact: true });
  await cell.click();
  await run
    .agent(`${AGENT}-07`)
    .getByRole('heading', { name: `${AGENT}-07`, exact: true })
    .waitFor();
  const tail = cell.getByText('-07', { exact: true });
  expect(await isInSight(tail)).toBe(true);
  expect(await tail.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
  const isHeadCut = await cell.evaluate((element) => {
    const head = element.firstElementChild?.firstElementChild;
    return head !== null && head !== undefined && head.scrollWidth > head.clientWidth;
  });
  expect(isHeadCut).toBe(true);
});

test('each label of the figures of a past run keeps its line at 1280', async () => {
  await page.setViewportSize({ width: 1280, height: 800 });
  const value = page.getByRole('region', { name: 'Output tokens / s' });
  await value.getByText('avg').waitFor();
  const [label, other] = await Promise.all(
    ['Output tokens / s', 'GC pause'].map((name) =>
      page.getByRole('region', { name }).evaluate((card) => {
        const first = card.firstElementChild;
        const range = document.createRange();
        if (first) range.selectNodeContents(first);
        return new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom))).size;
      }),
    ),
  );
  expect([label, other]).toEqual([1, 1]);
});

test('in an enlarged window an open agent has the height of the page, and without it agents can be scrolled to', async () => {
  await page.setViewportSize(ENLARGED);
  const panel = run.agent(`${AGENT}-07`);
  expect(await isInSight(panel)).toBe(true);
  const box = await panel.boundingBox();
  expect(box?.height).toBeGreaterThan(0.8 * (ENLARGED.height - 70));
  await panel.getByRole('button', { name: 'Close agent' }).click();
  const last = run.grid;
  await last.scrollIntoViewIfNeeded();
  await expect.poll(() => isInSight(last)).toBe(true);
});
