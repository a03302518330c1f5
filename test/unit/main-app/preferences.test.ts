import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPreferences } from '../../../main/app/preferences.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

test('what was chosen is there after a restart; before, and from a file that is not ours, the defaults are', async () => {
  using folder = temporaryDirectory();
  const preferences = createPreferences(folder.path);
  expect(await preferences.load()).toEqual({ theme: 'system' });
  expect(await preferences.save({ theme: 'dark' })).toEqual({ theme: 'dark' });
  expect(await createPreferences(folder.path).load()).toEqual({ theme: 'dark' });
  expect(JSON.parse(await readFile(join(folder.path, 'preferences.json'), 'utf8'))).toEqual({ theme: 'dark' });
  await writeFile(join(folder.path, 'preferences.json'), '{"theme":"pink"}');
  expect(await preferences.load()).toEqual({ theme: 'system' });
});

test('a folder that cannot hold it is told', async () => {
  await expect(createPreferences('/nowhere/at/all').save({ theme: 'dark' })).rejects.toMatchObject({
    code: 'DATA_DIR_READ_ONLY',
  });
});
