import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The sizes every screen is looked at in. */
export const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

/** The themes every screen is looked at in. */
export const THEMES = ['dark', 'light'] as const;

/** Where the pictures of the documentation lie. */
export const IMAGES_FOLDER = join(ROOT, 'docs', 'images');

/** Into the documentation only when it is asked for: a test run leaves the clone as it is. */
const FOLDER = process.env['UPDATE_PICTURES'] === '1' ? IMAGES_FOLDER : join(ROOT, '.build', 'pictures');

/** The file of one picture. */
export function pictureName(screen: string, theme: string, width: number): string {
  return `${screen}-${theme}-${width}.png`;
}

/** Takes the page as it is, in every size. */
export async function takePictures(page: Page, screen: string, theme: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const size of SIZES) {
    await page.setViewportSize(size);
    // Charts and virtual lists follow a new size in the frame after it.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await page.screenshot({ path: join(FOLDER, pictureName(screen, theme, size.width)), animations: 'disabled' });
  }
  await page.setViewportSize(SIZES[0]);
}

/** What axe finds that keeps people out, a line each. */
export async function findBarriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, any }) => `${id}: ${help}: ${target.join(' ')} ${any[0]?.message ?? ''}`),
    );
}

/** Whether anything in the page is wider than the page: nothing may have to be scrolled sideways but tables in their panels. */
export async function findOverflow(page: Page): Promise<boolean> {
  return await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

/** Width and height of a PNG, from its first chunk (PNG specification, 11.2.2). */
export function readPictureSize(path: string): { readonly width: number; readonly height: number } {
  const bytes = readFileSync(path);
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
