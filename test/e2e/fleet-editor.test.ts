import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listRuns } from '../support/window/ask-host.ts';
import { createDataDir, openPage, serveHost, useBrowser } from '../support/window/open-window.ts';

let browser: Awaited<ReturnType<typeof useBrowser>>;

beforeAll(async () => {
  browser = await useBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** The editor on a new fleet, form beside text. */
function editorOn(page: Page) {
  return {
    text: page.getByRole('textbox', { name: /^Fleet file/ }),
    form: page.locator('form[aria-label="Form of the fleet"]'),
    name: page.getByRole('form').getByLabel('Name').first(),
    both: page.getByRole('radio', { name: 'Both' }),
    line: (text: string | RegExp) => page.locator('.cm-line', { hasText: text }),
    async saveAs(path: string): Promise<void> {
      await page.getByRole('button', { name: 'Save as…' }).click();
      await page.getByLabel('Name of the new file').fill(path);
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    },
  };
}

test('a document that is saved under another name stays under the hand: view, cursor and what can be undone', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url, { width: 1700 });
  const { page, complaints } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  const editor = editorOn(page);
  await editor.name.fill('first-name');
  await editor.line('limits:').click();
  await page.keyboard.press('End');
  await page.keyboard.type('  # one');
  const path = join(dirname(data.path), 'mine.yaml');
  await editor.saveAs(path);
  await page.getByRole('heading', { name: 'mine.yaml' }).waitFor();
  expect(page.url()).toContain('mine.yaml');

  expect(await editor.both.isChecked()).toBe(true);
  await editor.text.focus();
  await page.keyboard.type(' two');
  await editor.line('limits:  # one two').waitFor();
  // What was typed before the save goes too: with what came after, when that followed at once, or after it.
  for (let step = 0; step < 2 && (await editor.line(/^limits:$/).count()) === 0; step += 1)
    await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+s');
  await expect.poll(() => readFile(path, 'utf8')).toMatch(/^name: first-name$[\s\S]*^limits:$/mu);

  const second = join(dirname(data.path), 'second.yaml');
  await editor.saveAs(second);
  await page.getByRole('heading', { name: 'second.yaml' }).waitFor();
  await editor.saveAs(path);
  await page.getByRole('dialog', { name: 'There is a file of this name already' }).waitFor();
  await page.getByRole('button', { name: 'Overwrite it' }).click();
  await page.getByRole('heading', { name: 'mine.yaml' }).waitFor();
  expect(complaints).toEqual([]);
});

test('a half-written line leaves the form where it is, out of reach until the text reads again', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url, { width: 1700 });
  const { page, complaints } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  const editor = editorOn(page);
  await editor.name.fill('kept');
  await editor.line('description:').click();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('budg');
  await page.getByRole('status').filter({ hasText: 'The form waits for line 4' }).waitFor();
  expect(await editor.form.getAttribute('inert')).not.toBeNull();
  expect(await editor.form.locator('input').first().inputValue()).toBe('kept');
  await page.keyboard.type('et: { usd: 3 }');
  await expect.poll(() => editor.form.getAttribute('inert')).toBeNull();
  expect(await page.getByLabel('Cost').inputValue()).toBe('3');
  await editor.name.fill('kept-on');
  await editor.line('name: kept-on').waitFor();
  expect(complaints).toEqual([]);
});

test('brackets without end do not hold the editor up, and are told as a mistake', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url, { width: 1700 });
  const { page, complaints } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  const editor = editorOn(page);
  await editor.text.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(`flotilla: 1\nname: ${'['.repeat(100_000)}`);
  await page.getByRole('list', { name: 'Mistakes' }).getByText('nested too deeply').waitFor();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('# here');
  await editor.line('# hereflotilla: 1').waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('flotilla: 1');
  await page.getByRole('list', { name: 'Mistakes' }).getByText('agents').first().waitFor();
  expect(complaints).toEqual([]);
});

test('form and text have room to be read in the smallest window, one above the other, and lie beside each other in a larger', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url, { width: 1024, height: 768 });
  const { page } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  await page.getByText('Both', { exact: true }).click();
  const form = page.getByRole('region', { name: 'Form', exact: true });
  const text = page.getByRole('region', { name: 'Text', exact: true });
  const sizes = async () => {
    const [a, b] = [await form.boundingBox(), await text.boundingBox()];
    const isScrolled = await form.evaluate((pane) => pane.scrollWidth > pane.clientWidth);
    return { form: a?.width ?? 0, text: b?.width ?? 0, isStacked: (b?.y ?? 0) > (a?.y ?? 0), isScrolled };
  };
  const small = await sizes();
  expect(small).toMatchObject({ isStacked: true, isScrolled: false });
  expect(Math.min(small.form, small.text)).toBeGreaterThan(450);
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect.poll(sizes).toMatchObject({ isStacked: false, isScrolled: false });
});

test('a fleet that is typed by hand stands as it was typed: the Enter after a whole word ends the line', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  const editor = editorOn(page);
  await editor.text.click();
  await page.keyboard.press('Control+a');
  // Slowly: what is proposed comes a moment after the letter.
  for (const line of ['flotilla: 1', 'name: x', 'allow:', '  - shell']) {
    await page.keyboard.type(line, { delay: 120 });
    await page.keyboard.press('Enter');
  }
  const lines = await page.locator('.cm-line').allTextContents();
  expect(lines.map((line) => line.trim())).toEqual(['flotilla: 1', 'name: x', 'allow:', '- shell', '']);
});

test('a long name of a group breaks, and leaves the model beside it in one piece', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  const editor = editorOn(page);
  await editor.text.click();
  await page.keyboard.press('Control+a');
  const name = 'reader_of_everything_in_this_folder';
  await page.keyboard.insertText(
    `flotilla: 1\nname: x\nmodel: sim/default\nagents: [{ name: ${name}, count: 12000, prompt: x }]\n`,
  );
  const row = page.getByRole('table', { name: 'Agents by group' }).getByRole('row', { name });
  const uses = row.getByText('sim/default (sim)');
  await uses.waitFor();
  expect(
    await uses.evaluate((words) => words.clientHeight / parseFloat(getComputedStyle(words).lineHeight)),
  ).toBeLessThan(2);
});

test('two presses at once start one run', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  const launch = page.getByRole('button', { name: /^Launch/, disabled: false });
  await launch.evaluate((button: HTMLButtonElement) => {
    button.click();
    button.click();
  });
  await page.getByRole('grid', { name: 'Agents of the run' }).waitFor();
  expect(await listRuns(data.path)).toHaveLength(1);
});

test('keys of the window do nothing behind a dialog, wherever the focus is in it', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  await page.getByRole('button', { name: /^Launch/, disabled: false }).waitFor();
  await page.getByRole('button', { name: 'Save as…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save as' });
  await dialog.getByRole('listbox').waitFor();
  for (const key of ['Control+k', 'Control+Enter', 'Control+s']) await page.keyboard.press(key);
  await dialog.getByLabel('Name of the new file').fill('other.yaml');
  await page.keyboard.press('Control+k');
  expect(await page.getByRole('dialog').count()).toBe(1);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Palette' }).waitFor();
  expect(await listRuns(data.path)).toEqual([]);
});

test('the fleet of a run that was never saved opens as it was launched, unsaved, and keeps what is changed in it through a reload', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page, complaints } = opened;
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  const editor = editorOn(page);
  await editor.line('name: my-fleet').click();
  await page.keyboard.press('End');
  await page.keyboard.type('-launched');
  await page.getByRole('button', { name: /^Launch/, disabled: false }).click();
  await page.getByRole('button', { name: 'Open fleet' }).click();
  await page.getByRole('heading', { name: 'New fleet' }).waitFor();
  await editor.line('name: my-fleet-launched').click();
  await page.keyboard.press('End');
  await page.keyboard.type('-again');
  await page.getByText('not saved', { exact: true }).waitFor();
  await expect.poll(() => page.evaluate(() => JSON.stringify(sessionStorage))).toContain('launched-again');
  page.once('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await page.getByText('Your changes from before are here again').waitFor();
  await editor.line('name: my-fleet-launched-again').waitFor();
  await page.getByRole('button', { name: 'Let them go' }).click();
  await editor.line(/^name: my-fleet-launched$/).waitFor();
  await page.getByRole('link', { name: /^Fleets/ }).click();
  await page.getByText('no file', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'my-fleet-launched' }).click();
  await page.getByRole('heading', { name: 'New fleet' }).waitFor();
  const path = join(dirname(data.path), 'kept.yaml');
  await editor.saveAs(path);
  await page.getByRole('heading', { name: 'kept.yaml' }).waitFor();
  expect(await readFile(path, 'utf8')).toContain('name: my-fleet-launched\n');
  expect(complaints).toEqual([]);
});

test('a wrong path is told where it was typed, a folder that was typed is entered, and a save begins at the name', async () => {
  await using data = await createDataDir();
  await using host = await serveHost(data.path);
  await using opened = await openPage(browser.browser, host.url);
  const { page, complaints } = opened;
  const folder = join(dirname(data.path), 'some-fleets');
  await mkdir(folder);
  await page.getByRole('button', { name: 'Write a fleet' }).click();
  await page.getByRole('button', { name: 'Save as…' }).click();
  const saving = page.getByRole('dialog', { name: 'Save as' });
  await saving.getByRole('listbox').waitFor();
  await page.keyboard.type('typed-at-once');
  const newName = saving.getByLabel('Name of the new file');
  expect(await newName.inputValue()).toBe('typed-at-once.yaml');
  await newName.fill(join(folder, 'none', 'a.yaml'));
  await page.keyboard.press('Enter');
  await saving.getByText('there is no folder').waitFor();
  expect(await newName.inputValue()).toBe(join(folder, 'none', 'a.yaml'));
  await newName.fill(folder);
  await page.keyboard.press('Enter');
  await saving.getByRole('navigation', { name: 'Folder' }).getByText('some-fleets').waitFor();
  await newName.fill('kept');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'kept.yaml' }).waitFor();

  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: /^Fleets/ }).click();
  await page
    .getByRole('button', { name: 'Open a file' })
    .or(page.getByRole('button', { name: 'Open file…' }))
    .click();
  const opening = page.getByRole('dialog', { name: 'Open a fleet file' });
  const name = opening.getByLabel('Name or path');
  await name.fill(join(folder, 'wrong.yaml'));
  await page.keyboard.press('Enter');
  await opening.getByText('wrong.yaml').waitFor();
  expect(await name.inputValue()).toBe(join(folder, 'wrong.yaml'));
  await name.fill(folder);
  await page.keyboard.press('Enter');
  await opening.getByRole('option', { name: 'kept.yaml' }).waitFor();
  await name.fill('kept');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'kept.yaml' }).waitFor();
  expect(complaints).toEqual([]);
});
