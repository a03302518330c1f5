import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFleetHead } from '../../../main/fleets/fleet-head.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

test('a file that is nested without end is there, and says nothing of itself', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'deep.yaml');
  await writeFile(path, `name: deep\ntools: ${'['.repeat(5_000)}`);
  const head = await readFleetHead(path);
  expect([head.exists, head.name, head.description]).toEqual([true, undefined, undefined]);
});
