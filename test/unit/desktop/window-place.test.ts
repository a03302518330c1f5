import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadWindowPlace, saveWindowPlace } from '../../../main/app/window-place.ts';

const SCREEN = { x: 0, y: 0, width: 1_920, height: 1_080 };
const SECOND = { x: 1_920, y: 0, width: 1_280, height: 1_024 };
const LEFT = { x: 2_000, y: 40, width: 1_000, height: 700, isMaximized: false };

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'place-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test('a first window is of a size that fits every page, in the middle', async () => {
  expect(await loadWindowPlace(dataDir, [SCREEN])).toEqual({ width: 1_280, height: 800, isMaximized: false });
});

test('a window comes back to where it was left', async () => {
  await saveWindowPlace(dataDir, { ...LEFT, isMaximized: true });
  expect(await loadWindowPlace(dataDir, [SCREEN, SECOND])).toEqual({ ...LEFT, isMaximized: true });
});

test('of a place on a screen that is gone only the size comes back', async () => {
  await saveWindowPlace(dataDir, LEFT);
  expect(await loadWindowPlace(dataDir, [SCREEN])).toEqual({ width: 1_000, height: 700, isMaximized: false });
  await saveWindowPlace(dataDir, { ...LEFT, x: SCREEN.width });
  expect(await loadWindowPlace(dataDir, [SCREEN])).not.toHaveProperty('x');
});

test('a place that somebody else wrote is not believed', async () => {
  for (const text of ['not JSON', '{"width":"wide"}', '{"width":-5,"height":1,"isMaximized":false}']) {
    await writeFile(join(dataDir, 'window.json'), text);
    expect(await loadWindowPlace(dataDir, [SCREEN])).toMatchObject({ width: 1_280, height: 800 });
  }
});

test('a place that cannot be kept is forgotten', async () => {
  await saveWindowPlace(join(dataDir, 'missing\0'), LEFT);
  expect(await loadWindowPlace(dataDir, [SCREEN])).toMatchObject({ width: 1_280 });
});
