import { join } from 'node:path';
import { z } from 'zod';
import { loadJsonFile, saveJsonFile } from '../files/json-file.ts';

const side = z.number().int().min(0).max(100_000);
const place = z.object({
  x: z.number().int().optional(),
  y: z.number().int().optional(),
  width: side,
  height: side,
  isMaximized: z.boolean(),
});

/** Where a window stands, in device-independent pixels; without `x` and `y` in the middle. */
export type WindowPlace = z.infer<typeof place>;

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const FIRST_PLACE: WindowPlace = { width: 1_280, height: 800, isMaximized: false };

/** The place it was left at; its size only, when none of the screens' `areas` shows it any more. */
export async function loadWindowPlace(dataDir: string, areas: readonly Area[]): Promise<WindowPlace> {
  const left = await loadJsonFile(pathOf(dataDir), place);
  if (!left) return FIRST_PLACE;
  const { x, y, ...size } = left;
  if (x === undefined || y === undefined) return size;
  return areas.some((area) => doOverlap(area, { x, y, ...size })) ? left : size;
}

/** Remembers it for the next start; on a full disk it is forgotten. */
export async function saveWindowPlace(dataDir: string, left: WindowPlace): Promise<void> {
  await saveJsonFile(pathOf(dataDir), left).catch(() => undefined);
}

function doOverlap(a: Area, b: Area): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function pathOf(dataDir: string): string {
  return join(dataDir, 'window.json');
}
