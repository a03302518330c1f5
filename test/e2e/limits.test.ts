import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDataDir, openPage, type ServedHost, serveHost, useBrowser } from '../support/window/open-window.ts';
import { findBarriers } from '../support/window/pictures.ts';

const open = new AsyncDisposableStack();
let browser: Awaited<ReturnType<typeof useBrowser>>;

beforeAll(async () => {
  browser = open.use(await useBrowser());
});
afterAll(() => open.disposeAsync());

interface LimitsPage extends AsyncDisposable {
  readonly page: Page;
  readonly host: ServedHost;
  readonly settingsPath: string;
  readonly complaints: readonly string[];
}

/** The page "Settings" with its limits, of a host of its own. */
async function openLimits(): Promise<LimitsPage> {
  await using opening = new AsyncDisposableStack();
  const data = opening.use(await createDataDir());
  const host = opening.use(await serveHost(data.path));
  const { page, complaints } = opening.use(await openPage(browser.browser, host.url));
  await page.goto(new URL('#/settings', page.url()).href);
  await limit(page, 'io.maxRunning').waitFor();
  const owned = opening.move();
  const settingsPath = join(data.path, 'settings.json');
  return { page, host, settingsPath, complaints, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function limit(page: Page, key: string): Locator {
  return page.getByRole('textbox', { name: key, exact: true });
}

test('a preset shows what it would change, changes that, and goes back by one undo', async () => {
  await using limits = await openLimits();
  const { page } = limits;
  await page.getByRole('button', { name: 'Preview the preset load test' }).click();
  const preview = page.getByRole('dialog', { name: 'Preset load test' });
  const row = preview.getByRole('row').filter({ hasText: 'io.maxRunning' });
  expect(await row.getByRole('cell').allTextContents()).toEqual(['io.maxRunning', '256', '2,048']);
  expect(await findBarriers(page)).toEqual([]);

  await preview.getByRole('button', { name: 'Apply preset' }).click();
  await expect.poll(() => limit(page, 'io.maxRunning').inputValue()).toBe('2048');
  expect(JSON.parse(await readFile(limits.settingsPath, 'utf8'))).toMatchObject({ 'agents.maxRunning': 20_000 });
  await page.getByText('is in force').waitFor();

  const changes = page.getByRole('region', { name: 'Changes' });
  await changes.getByRole('button', { name: /^Undo change 1: io\.maxRunning 2,048 → 256/ }).click();
  await changes.getByText('taken back', { exact: true }).waitFor();
  expect(await limit(page, 'io.maxRunning').inputValue()).toBe('256');
  expect(await changes.getByRole('button', { name: /^Undo/ }).count()).toBe(0);
  expect(limits.complaints).toEqual([]);
});

test('limits are saved as a preset under a name that is free, and the preset goes again', async () => {
  await using limits = await openLimits();
  const { page } = limits;
  const presets = page.getByRole('region', { name: 'Presets' });
  await presets.getByRole('button', { name: 'Save as preset…' }).click();
  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill('laptop');
  await page.getByText('“laptop” comes with the program; choose another name.').waitFor();
  expect(await page.getByRole('button', { name: 'Save preset' }).isDisabled()).toBe(true);
  await name.fill('night shift');
  await name.press('Enter');
  await presets.getByRole('button', { name: 'Remove the preset night shift' }).click();
  await page.getByRole('button', { name: 'Remove preset', exact: true }).click();
  await presets.getByText('night shift').waitFor({ state: 'detached' });
  expect(limits.complaints).toEqual([]);
});

test('an older change is taken back alone; the newer ones stay', async () => {
  await using limits = await openLimits();
  const { page } = limits;
  for (const [key, value] of [
    ['io.maxRunning', '300'],
    ['io.queueCapacity', '400'],
  ] as const) {
    await limit(page, key).fill(value);
    await limit(page, key).press('Enter');
    await page.getByRole('button', { name: `Set ${key} to its default` }).waitFor();
  }
  await page.getByRole('button', { name: 'Undo change 1: io.maxRunning 300 → 256' }).click();
  await expect.poll(() => limit(page, 'io.maxRunning').inputValue()).toBe('256');
  expect(await limit(page, 'io.queueCapacity').inputValue()).toBe('400');
});

test('a limit is found by group and by words, and those that differ from their default stand together', async () => {
  await using limits = await openLimits();
  const { page } = limits;
  const groups = page.getByRole('navigation', { name: 'Groups of limits' });
  await groups.getByRole('button', { name: /^Garbage collection/ }).click();
  await limit(page, 'gc.coolDownMs').waitFor();
  expect(await limit(page, 'io.maxRunning').count()).toBe(0);

  await page.getByRole('searchbox', { name: 'Search limits' }).fill('connections provider');
  // Nothing of the chosen group is found: everything that is found is shown.
  await limit(page, 'provider.maxConnections').fill('4');
  await limit(page, 'provider.maxConnections').press('Enter');
  await page.getByRole('button', { name: 'Set provider.maxConnections to its default' }).waitFor();
  await page.getByRole('searchbox', { name: 'Search limits' }).fill('');
  await groups.getByRole('button', { name: 'Not the default 1' }).click();
  expect(await page.getByRole('textbox', { name: /^\w+\.\w+$/ }).count()).toBe(1);
});

test('a wrong edit of the settings file is told on top until it is put right', async () => {
  await using limits = await openLimits();
  const { page, settingsPath } = limits;
  await writeFile(settingsPath, '{ "io.maxRunning": 0 }');
  const alert = page.getByRole('alert').filter({ hasText: 'The settings file was not taken over' });
  await alert.getByText('must be a whole number between').waitFor();
  expect(await limit(page, 'io.maxRunning').inputValue()).toBe('256');
  await writeFile(settingsPath, '{ "io.maxRunning": 77 }');
  await alert.waitFor({ state: 'detached' });
  await expect.poll(() => limit(page, 'io.maxRunning').inputValue()).toBe('77');
});

test('while Flotilla does not answer nothing can be changed, what was typed stays, and nothing promises to load', async () => {
  await using limits = await openLimits();
  const { page } = limits;
  await limit(page, 'io.maxRunning').fill('300');
  limits.host.process.kill('SIGKILL');
  const apply = page.getByRole('button', { name: 'Apply io.maxRunning' });
  await expect.poll(() => apply.getAttribute('title')).toMatch(/^Flotilla does not answer/);
  expect(await apply.getAttribute('aria-disabled')).toBe('true');
  await limit(page, 'io.maxRunning').press('Enter');
  expect(await limit(page, 'io.maxRunning').inputValue()).toBe('300');
  expect(await page.getByRole('switch', { name: 'io.adaptive' }).isDisabled()).toBe(true);

  // Never asked for in this page, so there is nothing of before to show.
  await page.getByRole('tab', { name: 'Providers' }).click();
  await page.getByText('Providers could not be loaded yet').waitFor();
  expect(await page.getByText('Loading').count()).toBe(0);
});
