import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flotilla, linesOf, start, type Running } from '../integration/cli/command-line.ts';
import { createDataDir, openPage, serveHost, useBrowser, type ServedHost } from '../support/window/open-window.ts';
import {
  findBarriers,
  findOverflow,
  IMAGES_FOLDER,
  pictureName,
  readPictureSize,
  SIZES,
  takePictures,
  THEMES,
} from '../support/window/pictures.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

/** How each screen is come to; it stands when the promise resolves. */
const SCREENS: Readonly<Record<string, (page: Page, at: Place) => Promise<void>>> = {
  fleets: (page) => go(page, '/fleets', page.getByRole('heading', { name: 'Fleets' })),
  'fleet-text': async (page) => {
    await go(
      page,
      `/fleets/edit/${encodeURIComponent(join(EXAMPLES, 'repo-survey.yaml'))}`,
      page.getByText('12 at a time'),
    );
  },
  'fleet-both': async (page) => {
    await go(
      page,
      `/fleets/edit/${encodeURIComponent(join(EXAMPLES, 'repo-survey.yaml'))}`,
      page.getByText('12 at a time'),
    );
    await page.getByText('Both', { exact: true }).click();
    await page.getByLabel('Name').first().waitFor();
  },
  'fleet-mistakes': async (page, { wrongFleet }) => {
    await go(page, `/fleets/edit/${encodeURIComponent(wrongFleet)}`, page.getByText(/did you mean/).first());
  },
  'new-fleet': (page) => go(page, '/fleets/new', page.getByRole('button', { name: /^Launch/ })),
  runs: (page) => go(page, '/runs', page.getByText('ten-thousand-calls').first()),
  'run-done': (page, { doneRun }) => go(page, `/runs/${doneRun}/agents/0`, page.getByText(/outline_file/).first()),
  'run-large': (page, { largeRun }) => go(page, `/runs/${largeRun}`, page.getByText(/10,000/).first()),
  search: (page) => go(page, '/search/exports', page.getByText(/outline_file/).first()),
  'settings-limits': (page) =>
    go(page, '/settings', page.getByText('io.maxRunning').or(page.getByText('maxRunning')).first()),
  'settings-providers': (page) => openSettings(page, 'Providers', 'anthropic'),
  'settings-data': (page) => openSettings(page, 'Data', 'history.sqlite'),
  'settings-appearance': (page) => openSettings(page, 'Appearance', 'Theme'),
  palette: async (page) => {
    await go(page, '/fleets', page.getByRole('heading', { name: 'Fleets' }));
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
  },
  keys: async (page) => {
    await go(page, '/fleets', page.getByRole('heading', { name: 'Fleets' }));
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
  },
};

/** Those that need a host of another kind: nothing recorded, a run that goes on, a host that is gone. */
const OTHER_SCREENS = ['first-run', 'run-live', 'lost'] as const;

interface Place {
  readonly wrongFleet: string;
  readonly slowFleet: string;
  readonly doneRun: string;
  readonly largeRun: string;
}

const open = new AsyncDisposableStack();
let browser: Awaited<ReturnType<typeof useBrowser>>;
let host: ServedHost;
let place: Place;

beforeAll(async () => {
  browser = open.use(await useBrowser());
  const data = open.use(await createDataDir());
  const doneRun = await record(data.path, 'repo-survey');
  const largeRun = await record(data.path, 'ten-thousand-calls');
  host = open.use(await serveHost(data.path));
  const folder = dirname(data.path);
  const wrongFleet = join(folder, 'mistaken.yaml');
  await writeFile(wrongFleet, WRONG);
  place = { wrongFleet, slowFleet: await writeSlowFleet(folder), doneRun, largeRun };
});
afterAll(() => open.disposeAsync());

describe.each(THEMES)('in the %s theme', (theme) => {
  test('every screen stands, keeps nobody out, and needs no scrolling sideways', async () => {
    await using opened = await openPage(browser.browser, await host.anotherUrl(), { theme });
    const found: string[] = [];
    for (const [screen, come] of Object.entries(SCREENS)) {
      await come(opened.page, place);
      found.push(...(await lookAt(opened.page, screen, theme)));
      if (await opened.page.getByRole('dialog').count()) await opened.page.keyboard.press('Escape');
    }
    expect(found).toEqual([]);
    expect(opened.complaints).toEqual([]);
  });

  test('a first run stands', async () => {
    await using data = await createDataDir();
    await using empty = await serveHost(data.path);
    await using opened = await openPage(browser.browser, empty.url, { theme });
    await opened.page.getByRole('button', { name: 'Run the example' }).waitFor();
    expect(await lookAt(opened.page, 'first-run', theme)).toEqual([]);
  });

  test('a live run, and a host that is gone, stand', async () => {
    await using data = await createDataDir();
    await using own = await serveHost(data.path);
    await using opened = await openPage(browser.browser, own.url, { theme });
    const { page } = opened;
    await go(page, `/fleets/edit/${encodeURIComponent(place.slowFleet)}`, page.getByText('24 at a time'));
    await page.getByRole('button', { name: /^Launch/ }).click();
    // Sparklines need a few seconds of a run to be lines.
    const ended = () => page.getByRole('progressbar').first().getAttribute('aria-valuenow').then(Number);
    await expect.poll(ended, { timeout: 60_000 }).toBeGreaterThan(40);
    // Where agents that have ended, work and wait stand beside each other.
    await page.getByRole('grid').evaluate(
      (grid, count) => {
        const scrolled = [grid, ...grid.querySelectorAll('*')].find(
          (part) => part.scrollHeight > part.clientHeight + 100,
        );
        const row = grid.querySelector('[aria-rowindex="2"]');
        scrolled?.scrollTo({ top: (count - 5) * (row?.clientHeight ?? 29) });
      },
      await ended(),
    );
    await page
      .getByRole('row', { name: /asking/ })
      .first()
      .click();
    await page
      .getByText(/outline_file/)
      .first()
      .waitFor();
    expect(await lookAt(page, 'run-live', theme)).toEqual([]);
    own.process.kill('SIGKILL');
    await page.getByRole('region', { name: 'Connection' }).waitFor();
    expect(await lookAt(page, 'lost', theme)).toEqual([]);
  });
});

test('the documentation has a picture of every screen in both themes and sizes', () => {
  const wanted = [...Object.keys(SCREENS), ...OTHER_SCREENS].flatMap((screen) =>
    THEMES.flatMap((theme) =>
      SIZES.map((size) => ({ file: join(IMAGES_FOLDER, pictureName(screen, theme, size.width)), size })),
    ),
  );
  expect(wanted.filter(({ file }) => !existsSync(file)).map(({ file }) => file)).toEqual([]);
  for (const { file, size } of wanted) expect(readPictureSize(file)).toEqual(size);
});

async function lookAt(page: Page, screen: string, theme: string): Promise<string[]> {
  await takePictures(page, screen, theme);
  const found = await findBarriers(page);
  if (await findOverflow(page)) found.push('wider than the window');
  return found.map((line) => `${screen}: ${line}`);
}

async function go(page: Page, path: string, sign: ReturnType<Page['getByText']>): Promise<void> {
  await page.goto(new URL(`#${path}`, page.url()).href);
  await sign.waitFor();
}

async function openSettings(page: Page, tab: string, sign: string): Promise<void> {
  await go(page, '/settings', page.getByRole('tab', { name: tab }));
  await page.getByRole('tab', { name: tab }).click();
  await page.getByText(sign).first().waitFor();
}

async function record(dataDir: string, example: string): Promise<string> {
  const { stdout } = await flotilla(['run', join(EXAMPLES, `${example}.yaml`), '--json', '--data-dir', dataDir]);
  return String(linesOf(stdout).find(({ type }) => type === 'run.started')?.['runId']);
}

const WRONG = `flotilla: 1
name: mistaken
model: sim/default
tools: [reed_file]
agents:
  - name: reader
    count: 3
    promt: Read the file README.md.
limits: { concurrentAgents: 0 }
`;

/** A fleet whose provider takes its time and fails now and then, so that a run in its middle can be looked at. */
async function writeSlowFleet(folder: string): Promise<string> {
  const simulator: Running = open.use(
    start(
      [
        'simulate',
        '--json',
        '--first-token-ms',
        '700',
        '--tokens-per-sec',
        '40',
        '--error-ratio',
        '0.08',
        '--seed',
        '7',
      ],
      {},
      600_000,
    ),
  );
  await simulator.says('simulate.ready');
  const ready = linesOf(simulator.stdout()).find(({ type }) => type === 'simulate.ready');
  const path = join(folder, 'slow-survey.yaml');
  await writeFile(
    path,
    `flotilla: 1
name: repo-survey
workspace: ${join(EXAMPLES, '..')}
providers:
  local: { protocol: openai, baseUrl: '${String(ready?.['openaiBaseUrl'])}', caFile: '${String(ready?.['caFile'])}' }
provider: local
model: sim/default
tools: [outline_file, search_files]
agents:
  - name: surveyor
    each: { files: '**/*.ts', limit: 240 }
    prompt: |
      Survey the file \`{{file}}\`.
      Outline it with outline_file.
      Count the lines that match "await" in it with search_files.
      Report its lines, exports, imports, todos, await and longest function.
limits: { concurrentAgents: 24, turns: 6, toolCalls: 12, minutes: 2 }
budget: { usd: 5 }
`,
  );
  return path;
}
